"""Which service is meant, and the buttons that lead from one look at it to the next."""

from bot.core.keyboard import Key
from bot.core.params import Param
from bot.core.tools import Service
from bot.core.verbs import Verb

LOG_LINES = 20_000  # looked at: what a busy service says in a day
SHOP = (Service.BOT, Service.WEB, Service.SCHEDULER)
NAMES = [service.value for service in Service]
SERVICE = Param(name="service", words=NAMES)
LABELS = {
    Service.BOT: "Bot",
    Service.WEB: "Web API",
    Service.SCHEDULER: "Scheduler",
    Service.SELF: "Assistant",
}
RESTARTS = {
    Service.BOT: "remediate_restart_bot",
    Service.WEB: "remediate_restart_web",
    Service.SCHEDULER: "remediate_restart_scheduler",
    Service.SELF: "remediate_restart_assistant",
}


def logs_keys(service: Service) -> list[Key]:
    """The three looks into a log that runbooks name."""
    return [
        Key("Logs 1h", Verb.ASK, f"logs {service} 60"),
        Key("Errors 24h", Verb.ASK, f"logs {service} 1440 error"),
        Key("Traceback", Verb.ASK, f"logs {service} 1440 traceback"),
    ]
