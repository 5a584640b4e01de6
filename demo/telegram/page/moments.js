/** Times as people read them. */
const pad = (number) => String(number).padStart(2, "0");
const dayOf = (seconds) => new Date(seconds * 1000).toDateString();

export function clock(seconds) {
  const date = new Date(seconds * 1000);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export const sameDay = (a, b) => dayOf(a) === dayOf(b);

export function dayTitle(seconds) {
  const today = Date.now() / 1000;
  if (sameDay(seconds, today)) return "Today";
  if (sameDay(seconds, today - 86400)) return "Yesterday";
  return new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
}

export function listTime(seconds) {
  if (sameDay(seconds, Date.now() / 1000)) return clock(seconds);
  return new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

const STEPS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function relative(seconds) {
  const distance = seconds - Date.now() / 1000;
  if (Math.abs(distance) < 5) return "just now";
  const [unit, size] = STEPS.find(([, length]) => Math.abs(distance) >= length) ?? STEPS.at(-1);
  return new Intl.RelativeTimeFormat("en").format(Math.round(distance / size), unit);
}

const PARTS = {
  w: { weekday: "long" },
  d: { day: "numeric", month: "numeric", year: "2-digit" },
  D: { day: "numeric", month: "long", year: "numeric" },
  t: { hour: "2-digit", minute: "2-digit" },
  T: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** Show `<tg-time unix format>` in the reader's own time; relative ones live on. */
export function showTimes(root) {
  for (const node of root.querySelectorAll("tg-time")) {
    const seconds = Number(node.getAttribute("unix"));
    const format = node.getAttribute("format");
    node.title = new Date(seconds * 1000).toLocaleString("en-GB");
    if (!format) continue;
    if (format === "r") node.textContent = relative(seconds);
    else {
      const options = Object.assign({}, ...[...format].map((letter) => PARTS[letter]));
      node.textContent = new Intl.DateTimeFormat("en-GB", options).format(seconds * 1000);
    }
  }
}

export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
