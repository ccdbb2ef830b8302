"""Pelican with a reader for our front matter; `PELICAN_CACHE=1` turns its reader cache on."""

import os

import yaml
from pelican import signals
from pelican.contents import Author, Category, Tag
from pelican.readers import BaseReader
from pelican.utils import SafeDatetime


class FrontMatterReader(BaseReader):
    enabled = True
    file_extensions = ["md"]

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        end = text.find("\n---", 3)
        fields = yaml.load(text[4 : end + 1], Loader=yaml.CSafeLoader)
        day = fields["publishedDateTime"]
        return text[end + 4 :], {
            "title": fields["title"],
            "date": SafeDatetime(*day.timetuple()[:6], tzinfo=day.tzinfo),
            "summary": fields["excerpt"],
            "slug": os.path.basename(path)[:-3],
            "tags": [Tag(name, self.settings) for name in fields["topics"]],
            "category": Category("news", self.settings),
            "authors": [Author(fields["provider"]["name"], self.settings)],
        }


class Plugin:
    __name__ = "front_matter"

    @staticmethod
    def register():
        signals.readers_init.connect(
            lambda readers: readers.reader_classes.update(md=FrontMatterReader)
        )


PLUGINS = [Plugin]
SITENAME, SITEURL, FEED_DOMAIN = "Benchmark", "https://example.org", "https://example.org"
PATH, OUTPUT_PATH, TIMEZONE, DEFAULT_LANG = "content", "output", "UTC", "en"
ARTICLE_PATHS, PAGE_PATHS, STATIC_PATHS = ["news"], [], []
FEED_MAX_ITEMS, RSS_FEED_SUMMARY_ONLY = 50, True
FEED_ALL_RSS, TAG_FEED_RSS = "feeds/all.rss.xml", "feeds/{slug}.rss.xml"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
TRANSLATION_FEED_ATOM = FEED_ATOM = None
ARTICLE_SAVE_AS = ARTICLE_LANG_SAVE_AS = DRAFT_SAVE_AS = PAGE_SAVE_AS = TAG_SAVE_AS = ""
CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = ARCHIVES_SAVE_AS = AUTHORS_SAVE_AS = CATEGORIES_SAVE_AS = ""
TAGS_SAVE_AS = INDEX_SAVE_AS = YEAR_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_SAVE_AS = ""
DIRECT_TEMPLATES, PAGINATED_TEMPLATES, DEFAULT_PAGINATION = [], {}, False
READERS = {"html": None, "rst": None}
CACHE_CONTENT = LOAD_CONTENT_CACHE = bool(os.environ.get("PELICAN_CACHE"))
CONTENT_CACHING_LAYER, CHECK_MODIFIED_METHOD, CACHE_PATH = "reader", "mtime", "cache"
