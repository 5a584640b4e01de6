"""The suggested cause of each group of outliers."""

from dataclasses import replace

from bot.core.causes import Article, Cause, Group, suggest

WELL = Article(
    marketplace="WB", category="Toys", article="well", sales=7, judged=7, off=0, stake_rub=0
)


def off(name: str, shift: float = 25.0, *, days: int = 7, **more: object) -> Article:
    values = {
        "off": days,
        "low_pct": shift,
        "high_pct": shift,
        "stake_rub": 100.0,
        "over_rub": 100.0,
    }
    return replace(WELL, article=name, **{**values, **more})  # type: ignore[arg-type]  # a test's own


def causes(*articles: Article) -> dict[Cause, Group]:
    return {one.cause: one for one in suggest(articles)}


def test_all_of_a_category_alike_is_a_new_rate() -> None:
    found = causes(off("a"), off("b", 24.0), off("c", 26.0), WELL)
    assert found.keys() == {Cause.RATE}
    rate = found[Cause.RATE]
    assert (rate.category, rate.shift_pct, rate.stake_rub) == ("Toys", 25.0, 300.0)
    assert rate.articles == ["a", "b", "c"]


def test_a_few_of_many_are_articles_that_moved() -> None:
    rest = [replace(WELL, article=f"w{n}") for n in range(9)]
    found = causes(off("a"), off("b"), off("c"), *rest)
    assert found.keys() == {Cause.CATEGORY}
    assert found[Cause.CATEGORY].shift_pct is None
    assert causes(off("a", 40.0), *rest)[Cause.CATEGORY].shift_pct == 40.0


def test_two_articles_are_too_few_for_a_rate() -> None:
    assert causes(off("a"), off("b")).keys() == {Cause.CATEGORY}


def test_categories_are_not_mixed() -> None:
    other = [replace(off(name), category="Shoes") for name in ("c", "d", "e")]
    found = suggest([off("a"), WELL, *other])
    assert {(one.cause, one.category) for one in found} == {
        (Cause.CATEGORY, "Toys"),
        (Cause.RATE, "Shoes"),
    }
    assert found[0].category == "Shoes"  # more is at stake


def test_one_day_that_cost_more_is_a_fee() -> None:
    found = causes(off("a", 900.0, days=1), WELL)
    assert found.keys() == {Cause.FEE}


def test_one_day_that_cost_less_is_no_fee() -> None:
    assert causes(off("a", -90.0, days=1, over_rub=-100.0), WELL).keys() == {Cause.UNCLEAR}


def test_every_day_another_deviation_is_not_explained() -> None:
    assert causes(off("a", low_pct=-60.0, high_pct=90.0), WELL).keys() == {Cause.UNCLEAR}


def test_a_single_sale_proves_no_move() -> None:
    assert Cause.CATEGORY not in causes(off("a", days=1, sales=1, judged=1), WELL)


def test_sales_without_a_rule_are_named_and_cost_nothing() -> None:
    found = causes(replace(WELL, article="new", judged=0), off("a", days=1))
    assert found.keys() == {Cause.RULE, Cause.FEE}
    assert found[Cause.RULE].stake_rub == 0
    assert found[Cause.RULE].articles == ["new"]


def test_all_well_needs_no_cause() -> None:
    assert suggest([WELL]) == []
    assert suggest([]) == []
