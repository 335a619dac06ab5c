#include "pages/webhook_wrong.h"

#include <gtest/gtest.h>

#include <set>

#include "webhooks/endpoint_settings.h"

namespace epay::pages {
namespace {

using webhooks::EndpointChanges;

std::string said(const EndpointChanges& changes, std::string_view language) {
  const auto wrong = webhooks::check_changes(changes);
  return wrong.size() == 1 ? wrong_setting(wrong.front(), texts_of(language)) : std::to_string(wrong.size()) + " wrong";
}

EndpointChanges with_header(std::string name, std::string value) {
  EndpointChanges changes;
  changes.headers.emplace().emplace().emplace_back(std::move(name), std::move(value));
  return changes;
}

struct Row {
  EndpointChanges changes;
  std::string_view english, french;
};

std::vector<Row> url_rows() {
  const auto url = [](std::string text) { return EndpointChanges{.url = std::move(text)}; };
  return {
      {url("ftp://shop.example.com/"), "A URL begins with", "Une URL commence par"},
      {url("https://me@shop.example.com/"), "The URL must not contain a user name", "L’URL ne doit contenir ni nom"},
      {url("https://shop.example.com/a b"), "The URL must not contain blanks", "L’URL ne doit contenir ni espaces"},
      {url("https://shop.example.com\\a"), "The URL must not contain blanks", "L’URL ne doit contenir ni espaces"},
      {url("https://shop.example.com:99999/"), "The port is a number", "Le port est un nombre"},
      {url("https://shop.example.com/" + std::string(2'000, 'a')), "The URL is too long", "L’URL est trop longue"},
      {url("https:///path"), "The URL needs a host", "Il manque à l’URL un hôte"},
      {url("https://[zz]/"), "The URL needs a host", "Il manque à l’URL un hôte"},
  };
}

std::vector<Row> other_rows() {
  const auto header = with_header;
  return {
      {{.description = std::string(600, 'x')}, "At most 500 characters.", "500 caractères au plus."},
      {{.rate_limit = 0}, "A whole number from 1 to 10000.", "Un nombre entier de 1 à 10000."},
      {{.in_flight_max = 101}, "A whole number from 1 to 100.", "Un nombre entier de 1 à 100."},
      {{.timeout = 31}, "A whole number from 1 to 30.", "Un nombre entier de 1 à 30."},
      {{.retry_schedule = std::vector<std::int64_t>{0}}, "From 1 to 30 waits", "De 1 à 30 attentes"},
      {{.events = std::vector<std::string>()}, "Choose at least one event.", "Choisissez au moins un événement."},
      {{.mode = "both"}, "Choose one of what is offered.", "Choisissez parmi ce qui est proposé."},
      {header("X Y", "1"), "“X Y” is no header’s name", "« X Y » n’est pas un nom d’en-tête"},
      {header("Host", "1"), "“Host” cannot be set here", "« Host » ne peut pas être réglé ici"},
      {header("Authorization", "1"), "“Authorization” cannot be set here", "« Authorization » ne peut pas"},
      {header("X-Shop", std::string(1'000, 'x')), "“X-Shop” is too long", "« X-Shop » est trop long"},
      {header("X-Shop", "\xC3\xA9"), "What “X-Shop” says", "La valeur de « X-Shop »"},
  };
}

TEST(WrongSettings, AreSaidInTheReadersLanguage) {
  for (const auto& rows : {url_rows(), other_rows()}) {
    for (const Row& row : rows) {
      EXPECT_TRUE(said(row.changes, "en").starts_with(row.english))
          << said(row.changes, "en") << ", not " << row.english;
      EXPECT_TRUE(said(row.changes, "fr").starts_with(row.french)) << said(row.changes, "fr") << ", not " << row.french;
    }
  }
  EXPECT_EQ(wrong_setting({"headers.X-Shop", "invalid", "headers.X-Shop is there twice"}, texts_of("fr")),
            "« X-Shop » y est deux fois.");
  EXPECT_EQ(wrong_setting({"headers", "invalid", "headers must have at most 20 names"}, texts_of("fr")),
            "20 en-têtes au plus.");
  EXPECT_TRUE(wrong_setting({"url", "invalid", "url cannot be used: 10.0.0.1 … use epay listen."}, texts_of("fr"))
                  .starts_with("Cette adresse est celle d’un réseau privé"));
}

}  // namespace
}  // namespace epay::pages
