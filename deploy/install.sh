#!/usr/bin/env bash
# Installs SoVAni Ops as a systemd service with least rights, or brings it up to date. Safe to run
# again: settings and tables are never touched, and what is running goes on until the new release
# is complete.
#
#   sudo deploy/install.sh [--shop DIR]     install or upgrade, from this checkout
#   sudo deploy/install.sh --rollback       go back to the release of before
#   sudo deploy/install.sh --uninstall      take the program away; settings and tables stay
#   sudo deploy/install.sh --purge          take everything away, tables and settings too
#
#   --shop DIR   SoVAni's folder: its .env is read too, and its database may be repaired (VACUUM);
#                said once, it is remembered
set -euo pipefail
umask 022

readonly NAME=sovani-ops HOME_DIR=/opt/sovani-ops CONFIG=/etc/sovani-ops STATE=/var/lib/sovani-ops
readonly UNITS=/etc/systemd/system RULES=/etc/polkit-1/rules.d/50-sovani-ops.rules
readonly TMPFILES=/usr/lib/tmpfiles.d/sovani-ops.conf DROP_IN=$UNITS/$NAME.service.d/50-shop.conf
readonly COMMAND=/usr/local/bin/sovani-ops
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly SOURCE

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

needs() {
    [ "$(id -u)" = 0 ] || fail "needs root: run it with sudo"
    [ -d /run/systemd/system ] || fail "systemd does not run here; see docs/operations.md for Docker"
    local python=${PYTHON:-python3}
    command -v "$python" > /dev/null || fail "$python is not installed: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || fail "Python 3.11 or newer is needed, $("$python" -V) is here: PYTHON=python3.12 deploy/install.sh"
    "$python" -c 'import venv, ensurepip' 2> /dev/null \
        || fail "$python cannot make an environment: apt-get install python3-venv"
}

account() {
    id -u $NAME > /dev/null 2>&1 \
        || useradd --system --home-dir $STATE --no-create-home --shell /usr/sbin/nologin $NAME
}

# The program and its packages stand in a folder of their own; a link says which one is used.
program() {
    local release
    release=$(cd "$SOURCE" && find bot handlers checks templates requirements.lock -type f ! -name '*.pyc' \
        -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
    TARGET=$HOME_DIR/releases/$release
    if [ ! -e "$TARGET/complete" ]; then
        say "Installing the program and its packages (about a minute) …"
        rm -rf "$TARGET"
        mkdir -p "$TARGET/app"
        # A strict umask may have closed the checkout to everybody else.
        (cd "$SOURCE" && tar -c --mode=u=rwX,go=rX --exclude=__pycache__ bot handlers checks templates deploy docs \
            README.md CHANGELOG.md .env.example requirements.lock) | tar -x -C "$TARGET/app" --no-same-owner
        "${PYTHON:-python3}" -m venv "$TARGET/venv"
        "$TARGET/venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-input \
            --require-hashes -r "$TARGET/app/requirements.lock" || fail "the packages were not installed (see above)"
        "$TARGET/venv/bin/python" -m compileall -q "$TARGET/app" > /dev/null
        touch "$TARGET/complete"
    fi
}

# An upgrade need not be told what the first installation was.
remember() {
    [ -n "${SHOP:-}" ] || SHOP=$(sed -n 's/^WorkingDirectory=//p' $DROP_IN 2> /dev/null || true)
    [ -z "$SHOP" ] || [ -d "$SHOP" ] || fail "$SHOP, SoVAni's folder until now, is not there: name it with --shop"
}

# Names that SERVICE_* gives to the units, or the usual ones.
unit_name() {
    local value="" file
    for file in ${SHOP:+"$SHOP/.env"} $CONFIG/env; do
        [ -r "$file" ] || continue
        value=$(sed -nE "s/^[[:space:]]*(export )?$1=[\"']?([A-Za-z0-9@:_.-]+)[\"']?[[:space:]]*$/\2/p" "$file" | tail -1 || true)
        [ -z "$value" ] || found=$value
    done
    value=${found:-$2}
    unset found
    say "${value%.service}.service"
}

rights() {
    mkdir -p "$(dirname $RULES)"
    sed -e "s/sovani-bot\.service/$(unit_name SERVICE_BOT sovani-bot)/" \
        -e "s/sovani-web-api\.service/$(unit_name SERVICE_WEB sovani-web-api)/" \
        -e "s/sovani-scheduler\.service/$(unit_name SERVICE_SCHEDULER sovani-scheduler)/" \
        "$SOURCE/deploy/polkit/50-sovani-ops.rules" > $RULES.new
    chmod 644 $RULES.new
    mv $RULES.new $RULES
    [ -e /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service ] \
        || say "Note: polkit is not installed, so no button can restart a service: apt-get install polkitd"
}

shop() {
    [ -n "${SHOP:-}" ] || return 0
    local group
    group=$(stat -c %G "$SHOP")
    mkdir -p "$(dirname $DROP_IN)"
    {
        say "# Written by install.sh --shop"
        say "[Service]"
        say "WorkingDirectory=$SHOP"
        say "ReadWritePaths=$SHOP"
        say "SupplementaryGroups=$group"
        case $SHOP/ in /home/* | /root/*) say "ProtectHome=no" ;; esac
        [ ! -e "$SHOP/.env" ] || say "LoadCredential=shop.env:$SHOP/.env"
    } > $DROP_IN
    find "$SHOP" -maxdepth 1 \( -name '*.db' -o -path "$SHOP" \) ! -perm -g=rw \
        -printf "Note: the group $group may not write %f, so checks and VACUUM refuse to work: chmod g+rw %p\n"
    [ -g "$SHOP" ] || say "Note: new files here must belong to the group $group: chmod g+s $SHOP"
}

service() {
    mkdir -p $CONFIG
    chmod 700 $CONFIG
    [ -e $CONFIG/env ] || install -m 600 "$SOURCE/.env.example" $CONFIG/env
    # The example's own token: nothing is filled in yet, so there is nothing to start.
    ! grep -q '^BOT_TOKEN=123456789:AAExample' $CONFIG/env || fresh=yes
    chmod 600 $CONFIG/env
    install -m 644 "$SOURCE/deploy/systemd/sovani-ops.tmpfiles" $TMPFILES
    systemd-tmpfiles --create $TMPFILES
    local unit
    for unit in $NAME.service $NAME-backup.service $NAME-backup.timer; do
        install -m 644 "$SOURCE/deploy/systemd/$unit" $UNITS/
    done
    install -m 755 "$SOURCE/deploy/sovani-ops" $COMMAND
    systemctl daemon-reload
}

use() {
    local before
    before=$(readlink $HOME_DIR/current || true)
    [ -z "$before" ] || [ "$before" = "$1" ] || ln -sfn "$before" $HOME_DIR/previous
    ln -sfn "$1" $HOME_DIR/.current && mv -T $HOME_DIR/.current $HOME_DIR/current
    ln -sfn current/app $HOME_DIR/app
    ln -sfn current/venv $HOME_DIR/venv
    # The release in use and the one before it stay, for --rollback.
    local keep
    keep="$(readlink $HOME_DIR/current) $(readlink $HOME_DIR/previous || true)"
    for folder in "$HOME_DIR"/releases/*; do
        case " $keep " in *" $folder "*) ;; *) rm -rf "$folder" ;; esac
    done
}

restart() {
    systemctl restart $NAME.service || {
        journalctl -u $NAME -n 20 --no-pager -o cat >&2
        fail "$1"
    }
}

start() {
    if [ "${fresh:-}" = yes ]; then
        systemctl enable --quiet $NAME.service $NAME-backup.timer
        say "Installed. Now:"
        say "  1. sovani-ops setup    (asks for the token, learns chats and people; or edit $CONFIG/env)"
        say "  2. sovani-ops doctor"
        say "  3. systemctl start $NAME"
        return
    fi
    systemctl enable --quiet $NAME.service $NAME-backup.timer
    systemctl start $NAME-backup.timer
    restart "installed, but it does not start: see above; 'deploy/install.sh --rollback' goes back"
    say "$NAME runs: $(systemctl is-active $NAME)"
}

uninstall() {
    systemctl disable --quiet --now $NAME.service $NAME-backup.timer 2> /dev/null || true
    rm -rf $UNITS/$NAME.service $UNITS/$NAME.service.d $UNITS/$NAME-backup.service $UNITS/$NAME-backup.timer \
        $RULES $TMPFILES $COMMAND $HOME_DIR /var/lib/systemd/timers/stamp-$NAME-backup.timer
    systemctl daemon-reload
    if [ "$1" = purge ]; then
        rm -rf $CONFIG $STATE /etc/polkit-1/rules.d/40-sovani-jobs.rules
        userdel $NAME 2> /dev/null || true
        say "Everything is gone."
    else
        say "The program is gone. Settings ($CONFIG) and tables ($STATE) are still here; --purge removes them."
    fi
}

# Asked before anything is changed; a unit file would take these characters for its own.
shop_folder() {
    [ -d "$1" ] || fail "--shop: $1 is no folder"
    case $(realpath "$1") in
        / | *[[:space:]%\"\'\\]*) fail "--shop: $1 is the whole disk, or has a space, %, quote or backslash in its path" ;;
    esac
    realpath "$1"
}

main() {
    local what=install
    while [ $# -gt 0 ]; do
        case $1 in
            --shop) [ $# -gt 1 ] || fail "--shop needs a folder"; SHOP=$(shop_folder "$2"); shift ;;
            --rollback | --uninstall | --purge) what=${1#--} ;;
            -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
            *) fail "unknown: $1 (try --help)" ;;
        esac
        shift
    done
    case $what in
        install) needs; remember; account; program; service; rights; shop; systemctl daemon-reload; use "$TARGET"; start ;;
        rollback)
            needs
            local before
            before=$(readlink $HOME_DIR/previous) || fail "there is no release of before"
            use "$before"
            restart "the release of before does not start: see above. Are the tables of a newer one? See 'go back' in docs/operations.md"
            say "Back to the release of before." ;;
        uninstall | purge) [ "$(id -u)" = 0 ] || fail "needs root: run it with sudo"; uninstall "$what" ;;
    esac
}

main "$@"
