#include "app/rails_config.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "http/json.h"
#include "rails/hubtel/hubtel.h"
#include "rails/mpgs/mpgs.h"
#include "rails/mtn_momo/mtn_momo.h"
#include "rails/networks.h"
#include "rails/paystack/paystack.h"
#include "rails/settings.h"

namespace epay::app {
namespace {

using Maker = RailsSettings::Maker;

template <class RailType, class Options>
Maker maker_of(Options options) {
  return [options = std::move(options)](const rails::RailTools& tools) {
    return std::make_unique<RailType>(tools, options);
  };
}

struct Kind {
  std::string_view name;
  Maker (*read)(rails::Settings& settings);
};

// A new rail is a line here.
const Kind kinds[] = {
    {"mtn",
     [](rails::Settings& settings) {
       return maker_of<rails::mtn_momo::MtnMomo>(rails::mtn_momo::read_options(settings));
     }},
    {"paystack",
     [](rails::Settings& settings) {
       return maker_of<rails::paystack::Paystack>(rails::paystack::read_options(settings));
     }},
    {"hubtel",
     [](rails::Settings& settings) { return maker_of<rails::hubtel::Hubtel>(rails::hubtel::read_options(settings)); }},
    {"mpgs",
     [](rails::Settings& settings) { return maker_of<rails::mpgs::Mpgs>(rails::mpgs::read_options(settings)); }},
};

const Kind* find_kind(std::string_view name) {
  const auto* found = std::ranges::find(kinds, name, &Kind::name);
  return found == std::end(kinds) ? nullptr : found;
}

std::string known_rails() {
  std::string names;
  for (const Kind& kind : kinds) names += (names.empty() ? "" : ", ") + std::string(kind.name);
  return names;
}

void read_rail(const http::Json& json, const std::string& place, std::vector<std::string>& problems,
               RailsSettings& found) {
  rails::Settings settings(json, place, problems);
  const std::string name = settings.text("rail");
  const Kind* kind = find_kind(name);
  if (kind == nullptr) {
    if (!name.empty()) settings.problem("rail", "there is no rail \"" + name + "\"; there are " + known_rails());
    return;
  }
  found.makers.push_back(kind->read(settings));
  settings.end();
}

std::optional<rails::OrderKind> kind_of(rails::Settings& settings) {
  const std::string word = settings.text_or("kind", "any");
  if (word == "collect") return rails::OrderKind::collect;
  if (word == "payout") return rails::OrderKind::payout;
  if (word != "any") settings.problem("kind", "must be collect or payout");
  return std::nullopt;
}

std::optional<rails::Channel> channel_of(rails::Settings& settings) {
  const std::string word = settings.text_or("method", "any");
  if (word == "momo") return rails::Channel::momo;
  if (word == "card") return rails::Channel::card;
  if (word == "bank") return rails::Channel::bank;
  if (word != "any") settings.problem("method", "must be momo, card or bank");
  return std::nullopt;
}

rails::Route read_route(const http::Json& json, const std::string& place, std::vector<std::string>& problems) {
  rails::Settings settings(json, place, problems);
  rails::Route route;
  const std::string merchant = settings.text_or("merchant", "any");
  if (merchant != "any") {
    std::int64_t id = 0;
    const auto read = std::from_chars(merchant.data(), merchant.data() + merchant.size(), id);
    if (read.ec != std::errc() || read.ptr != merchant.data() + merchant.size() || id <= 0)
      settings.problem("merchant", "must be a merchant's number, as text");
    route.merchant = MerchantId{id};
  }
  if (settings.text_or("mode", "any") != "any") route.mode = settings.mode("mode");
  if (settings.text_or("currency", "any") != "any") route.currency = settings.currency("currency", "GHS");
  route.kind = kind_of(settings);
  route.channel = channel_of(settings);
  const std::string network = settings.text_or("network", "any");
  if (network != "any") {
    const auto known = rails::find_network(network);
    if (!known) settings.problem("network", "is not known");
    route.network = known ? known->name : "";
  }
  route.rails = settings.texts("rails");
  if (route.rails.empty()) settings.problem("rails", "must name one rail at least");
  for (const std::string& name : route.rails) {
    if (name != "simulator" && find_kind(name) == nullptr)
      settings.problem("rails", "there is no rail \"" + name + "\"; there are " + known_rails() + ", simulator");
  }
  settings.end();
  return route;
}

}  // namespace

Result<RailsSettings> parse_rails(const std::string& text) {
  const auto json = http::Json::parse(text);
  if (!json) return std::unexpected(json.error());
  std::vector<std::string> problems;
  RailsSettings found;
  const auto each = [&](std::string_view name, const auto& read) {
    const http::Json* list = json->kind == http::Json::Kind::object ? json->find(name) : nullptr;
    if (list == nullptr) return;
    if (list->kind != http::Json::Kind::array) problems.push_back(std::string(name) + ": must be a list");
    for (std::size_t i = 0; i < list->items.size(); ++i)
      read(list->items[i], std::string(name) + "[" + std::to_string(i) + "]");
  };
  if (json->kind != http::Json::Kind::object) problems.push_back("the file: must be an object with \"rails\" in it");
  each("rails", [&](const http::Json& item, const std::string& place) { read_rail(item, place, problems, found); });
  each("routes", [&](const http::Json& item, const std::string& place) {
    found.routes.push_back(read_route(item, place, problems));
  });
  for (const auto& [name, value] : json->members) {
    if (name != "rails" && name != "routes") problems.push_back(name + ": is not known here");
  }
  if (problems.empty()) return found;
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "" : "\n") + problem;
  return fail(ErrorCode::invalid, all);
}

Result<RailsSettings> load_rails(const std::string& path) {
  if (path.empty()) return RailsSettings();
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  struct stat status{};
  if (!file || ::stat(path.c_str(), &status) != 0)
    return fail(ErrorCode::unavailable, "--rails-file: cannot read " + path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::invalid,
                "--rails-file: " + path + " has keys in it and can be read by others: chmod 600 " + path);
  }
  auto settings = parse_rails(text);
  if (!settings) return fail(ErrorCode::invalid, "--rails-file: " + path + ": " + settings.error().message);
  return settings;
}

Result<rails::Banks> load_banks(const std::string& path) {
  if (path.empty()) return rails::Banks::embedded();
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file) return fail(ErrorCode::unavailable, "--banks-file: cannot read " + path);
  auto banks = rails::Banks::parse(text);
  if (!banks) return fail(ErrorCode::invalid, "--banks-file: " + path + ": " + banks.error().message);
  return banks;
}

}  // namespace epay::app
