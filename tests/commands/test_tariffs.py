"""The settings' token and field reach Wildberries' tariffs."""

from pathlib import Path

from bot.commands.build import open_tools
from bot.core.tariffs import TariffList
from tests.doctor.patient import SECRETS, serving, settings
from tests.edges.raw_server import as_json

SOCKS = {"parentName": "Clothing", "subjectName": "Socks", "kgvpMarketplace": 15.5}


async def test_the_list_is_asked_for_with_what_is_set(tmp_path: Path) -> None:
    answers = {"/api/v1/tariffs/commission": as_json({"report": [SOCKS]})}
    async with serving(answers) as server:
        made = settings(
            tmp_path,
            wb_stats_token=SECRETS["wb_stats_token"],
            wb_common_api_url=server.url,
            wb_commission_field="kgvpMarketplace",
        )
        async with open_tools(made) as parts:
            found = await parts.tools.tariffs.commissions()
    assert isinstance(found, TariffList)
    assert [one.rate_pct for one in found.tariffs] == [15.5]
    assert SECRETS["wb_stats_token"] in server.asked[0]
