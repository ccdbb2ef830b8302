# A feed of everything and one of each topic. Grouped here once: Liquid would go through all records
# again for every feed.
class TopicFeeds < Jekyll::Generator
  TOPICS = (0...20).map { |number| "Topic #{number}" }

  def generate(site)
    news = site.collections["news"].docs.sort_by { |doc| doc.data["publishedDateTime"] }.reverse
    add(site, "all", news)
    TOPICS.each { |topic| add(site, topic, news.select { |doc| doc.data["topics"].include?(topic) }) }
  end

  private

  def add(site, name, docs)
    file = name.downcase.tr(" ", "-")
    page = Jekyll::PageWithoutAFile.new(site, site.source, file, "rss.xml")
    page.data.merge!("layout" => "rss", "title" => name, "newest" => docs.first(50))
    site.pages << page
  end
end
