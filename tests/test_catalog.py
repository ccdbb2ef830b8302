import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import article, image, provider

from feedpub.catalog import ProviderMetadata, TopicMetadata, build_catalog


def topics_of(*lists, metadata=()):
    articles = [article(str(number), topics=names) for number, names in enumerate(lists)]
    return build_catalog(articles, metadata).topics


def providers_of(*providers, metadata=()):
    articles = [article(str(number), provider=own) for number, own in enumerate(providers)]
    return build_catalog(articles, (), metadata).providers


def topic(name, **fields):
    return TopicMetadata(name=name, **fields)


def test_topics_that_differ_in_case_are_one():
    assert list(topics_of(("AI",), ("ai",), ("Ai",))) == ["ai"]


def test_commonest_spelling_names_a_topic():
    topics = topics_of(("management tools",), ("Management Tools",), ("Management Tools",))
    assert topics["management tools"].name == "Management Tools"


def test_ties_of_spelling_do_not_depend_on_order():
    names = {topics_of((a,), (b,))["ai"].name for a, b in (("AI", "ai"), ("ai", "AI"))}
    assert names == {"AI"}


def test_one_article_counts_once_for_a_topic():
    topics = topics_of(("ai", "ai ", "AI"), ("AI",))
    assert topics["ai"].spellings == (("AI", 1), ("ai", 1))


def test_metadata_names_a_topic():
    topics = topics_of(("ai",), metadata=[topic("AI", description="Machines that learn")])
    assert (topics["ai"].name, topics["ai"].description) == ("AI", "Machines that learn")


def test_topic_of_the_metadata_needs_no_article():
    assert list(topics_of(metadata=[topic("AI")])) == ["ai"]


def test_c_c_plus_plus_and_c_sharp_are_three_topics():
    topics = topics_of(("C", "C++", "C#", "c"))
    assert len({found.slug for found in topics.values()}) == 3


def test_declared_slug_is_used():
    assert topics_of(("C++",), metadata=[topic("C++", slug="cpp")])["c++"].slug == "cpp"


def test_declared_slug_wins_over_the_topic_that_would_have_it():
    topics = topics_of(("Repair", "Mending"), metadata=[topic("Mending", slug="repair")])
    assert topics["mending"].slug == "repair"
    assert topics["repair"].slug.startswith("repair-")


@pytest.mark.parametrize("order", [1, -1])
def test_clash_of_declared_slugs_does_not_depend_on_order(order):
    metadata = [topic("A", slug="x"), topic("B", slug="x")][::order]
    topics = topics_of(metadata=metadata)
    assert topics["a"].slug == "x"
    assert topics["b"].slug.startswith("x-")


NAMES = st.lists(
    st.sampled_from(
        ["C", "C++", "C#", "c", "..", "../x", "😀", "index", "AI", "ai", "A.I.", "%", "CPP"]
    ),
    max_size=6,
)
METADATA = st.lists(
    st.builds(
        topic,
        st.sampled_from(["C", "C++", "AI", "X", "Y"]),
        slug=st.sampled_from([None, "c", "cpp", "ai"]),
        parent=st.sampled_from([None, "C", "X", "Y", "Z"]),
    ),
    max_size=4,
    unique_by=lambda metadata: metadata.name,
)


@given(st.lists(NAMES.map(tuple), max_size=4), METADATA)
def test_folders_of_topics_are_unique(lists, metadata):
    slugs = [found.slug.casefold() for found in topics_of(*lists, metadata=metadata).values()]
    assert len(set(slugs)) == len(slugs)


@given(st.lists(NAMES.map(tuple), max_size=4), METADATA, st.randoms(use_true_random=False))
def test_order_changes_no_topic(lists, metadata, random):
    shuffled = topics_of(
        *random.sample(lists, len(lists)), metadata=random.sample(metadata, len(metadata))
    )
    assert list(shuffled.items()) == list(topics_of(*lists, metadata=metadata).items())


@given(METADATA)
def test_parents_never_run_in_a_circle(metadata):
    topics = topics_of(metadata=metadata)
    for key in topics:
        chain = [key]
        while (parent := topics[chain[-1]].parent) is not None:
            assert parent not in chain
            chain.append(parent)


def test_parent_is_found_by_name():
    topics = topics_of(metadata=[topic("AI and law", parent="ai"), topic("AI")])
    assert topics["ai and law"].parent == "ai"


@pytest.mark.parametrize("circle", [[("A", "A")], [("A", "B"), ("B", "A")]])
def test_circle_of_parents_has_none(circle):
    topics = topics_of(metadata=[topic(name, parent=parent) for name, parent in circle])
    assert {found.parent for found in topics.values()} == {None}


def test_parent_that_does_not_exist_is_none():
    assert topics_of(("A",), metadata=[topic("A", parent="Z")])["a"].parent is None


def test_parent_that_only_records_know_is_a_parent():
    topics = topics_of(("Libraries", "Repair"), metadata=[topic("Repair", parent="Libraries")])
    assert topics["repair"].parent == "libraries"


def test_commonest_name_names_a_provider():
    providers = providers_of(provider("Example"), provider("Daily"), provider("Daily"))
    assert providers["example.com"].name == "Daily"


def test_ties_of_names_do_not_depend_on_order():
    names = {
        providers_of(provider(a), provider(b))["example.com"].name
        for a, b in (("One", "Two"), ("Two", "One"))
    }
    assert names == {"One"}


def test_providers_are_told_by_domain():
    providers = providers_of(provider(domain="example.com"), provider(domain="example.net"))
    assert sorted(providers) == ["example.com", "example.net"]


def test_provider_without_name_goes_by_its_domain():
    assert providers_of(provider(name=None))["example.com"].name == "example.com"


def test_provider_without_domain_has_no_entry():
    assert providers_of(provider(domain=None), None) == {}


def test_metadata_tells_of_a_provider():
    metadata = ProviderMetadata(
        domain="example.com",
        name="Example, Inc.",
        url="https://about.example.com/",
        feed="https://example.com/feed.xml",
        description="A daily",
    )
    found = providers_of(provider(), metadata=[metadata])["example.com"]
    assert (found.name, found.url, found.feed, found.description) == (
        "Example, Inc.",
        "https://about.example.com/",
        "https://example.com/feed.xml",
        "A daily",
    )


def test_provider_s_page_is_that_of_its_domain():
    assert providers_of(provider())["example.com"].url == "https://example.com/"


def test_feed_of_a_provider_is_never_guessed():
    assert providers_of(provider())["example.com"].feed is None


def test_widest_logo_is_the_provider_s():
    small, large = (
        image("https://example.com/s.png", width=50),
        image("https://example.com/l.png", width=200),
    )
    metadata = ProviderMetadata(domain="example.com", logos=(small, large))
    assert providers_of(provider(), metadata=[metadata])["example.com"].logo == large


def test_provider_of_the_metadata_without_articles_has_no_entry():
    assert providers_of(metadata=[ProviderMetadata(domain="example.net")]) == {}
