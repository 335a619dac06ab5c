#include "rails/settings.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "http/client.h"

namespace epay::rails {
namespace {

using Kind = http::Json::Kind;

constexpr std::size_t secret_bytes_max = 4'096;

}  // namespace

Settings::Settings(const http::Json& json, std::string place, std::vector<std::string>& problems)
    : json_(json), place_(std::move(place)), problems_(problems) {
  if (json_.kind != Kind::object) problems_.push_back(place_ + ": must be an object");
}

void Settings::problem(std::string_view name, std::string_view what) {
  problems_.push_back(place_ + "." + std::string(name) + ": " + std::string(what));
}

const http::Json* Settings::member(std::string_view name) {
  asked_.emplace_back(name);
  if (json_.kind != Kind::object) return nullptr;
  const http::Json* found = json_.find(name);
  return found != nullptr && found->kind != Kind::null ? found : nullptr;
}

std::string Settings::text(std::string_view name) {
  const http::Json* found = member(name);
  if (found != nullptr && found->kind == Kind::string && !found->text.empty()) return found->text;
  problem(name, found == nullptr ? "is missing" : "must be a text that is not empty");
  return "";
}

std::string Settings::text_or(std::string_view name, std::string_view otherwise) {
  const http::Json* found = member(name);
  if (found == nullptr) return std::string(otherwise);
  if (found->kind == Kind::string && !found->text.empty()) return found->text;
  problem(name, "must be a text that is not empty");
  return std::string(otherwise);
}

Secret Settings::secret(std::string_view name) {
  const http::Json* found = member(name);
  if (found == nullptr) {
    problem(name, "is missing");
    return Secret();
  }
  if (found->kind == Kind::string && !found->text.empty()) return Secret(found->text);
  const http::Json* file = found->kind == Kind::object ? found->find("file") : nullptr;
  if (file == nullptr || file->kind != Kind::string) {
    problem(name, R"(must be a text, or {"file": "/run/secrets/…"})");
    return Secret();
  }
  std::ifstream stream(file->text, std::ios::binary);
  std::string bytes(secret_bytes_max, '\0');
  stream.read(bytes.data(), std::streamsize(bytes.size()));
  bytes.resize(std::size_t(std::max<std::streamsize>(stream.gcount(), 0)));
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  if (bytes.empty()) problem(name, "the file " + file->text + " cannot be read, or is empty");
  return Secret(std::move(bytes));
}

std::optional<Secret> Settings::optional_secret(std::string_view name) {
  if (member(name) == nullptr) return std::nullopt;
  return secret(name);
}

std::string Settings::address(std::string_view name, std::string_view otherwise) {
  std::string text = otherwise.empty() ? this->text(name) : text_or(name, otherwise);
  if (text.empty()) return text;
  while (text.ends_with('/')) text.pop_back();
  if (const auto url = http::Url::parse(text); !url) problem(name, url.error().message);
  if (text.contains('?') || text.contains('#')) problem(name, "must be an address without a query");
  return text;
}

Mode Settings::mode(std::string_view name) {
  const std::string word = text(name);
  if (word == "live") return Mode::live;
  if (word != "test" && !word.empty()) problem(name, "must be \"test\" or \"live\"");
  return Mode::test;
}

Currency Settings::currency(std::string_view name, std::string_view otherwise) {
  const auto currency = Currency::parse(text_or(name, otherwise));
  if (currency) return *currency;
  problem(name, "must be an ISO 4217 code such as GHS");
  return Currency::ghs();
}

bool Settings::flag_or(std::string_view name, bool otherwise) {
  const http::Json* found = member(name);
  if (found == nullptr) return otherwise;
  if (found->kind != Kind::boolean) problem(name, "must be true or false");
  return found->truth;
}

int Settings::number_or(std::string_view name, int otherwise, Range range) {
  const http::Json* found = member(name);
  if (found == nullptr) return otherwise;
  const char* end = found->text.data() + found->text.size();
  int number = 0;
  const auto read = std::from_chars(found->text.data(), end, number);
  const bool right = found->kind == Kind::number && read.ec == std::errc() && read.ptr == end &&
                     number >= range.least && number <= range.most;
  if (right) return number;
  problem(name, "must be a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return otherwise;
}

std::optional<Settings> Settings::object(std::string_view name) {
  const http::Json* found = member(name);
  if (found == nullptr) return std::nullopt;
  return Settings(*found, place_ + "." + std::string(name), problems_);
}

std::vector<std::string> Settings::texts(std::string_view name) {
  const http::Json* found = member(name);
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  bool right = found->kind == Kind::array;
  for (const http::Json& item : found->items) {
    right = right && item.kind == Kind::string && !item.text.empty();
    texts.push_back(item.text);
  }
  if (!right) problem(name, "must be a list of texts");
  return texts;
}

void Settings::end() {
  if (json_.kind != Kind::object) return;
  for (const auto& [name, value] : json_.members) {
    if (std::ranges::find(asked_, name) == asked_.end()) problem(name, "is not known here");
  }
}

}  // namespace epay::rails
