const topics = Array.from({ length: 20 }, (_, number) => `Topic ${number}`);
const newest = (pages) =>
  pages.sort((a, b) => new Date(b.data.publishedDateTime) - new Date(a.data.publishedDateTime)).slice(0, 50);

export default function (config) {
  config.addGlobalData("topicNames", ["all", ...topics]);
  config.addFilter("file", (name) => name.toLowerCase().replaceAll(" ", "-"));
  config.addFilter("rfc822", (date) => new Date(date).toUTCString());
  config.addCollection("byTopic", (api) => {
    const news = api.getFilteredByGlob("src/news/*.md");
    const found = { all: newest([...news]) };
    for (const topic of topics) found[topic] = newest(news.filter((page) => page.data.topics.includes(topic)));
    return found;
  });
  config.setUseGitIgnore(false);
  return { dir: { input: "src", output: "_site" }, markdownTemplateEngine: false, templateFormats: ["md", "njk"] };
}
