#include "emulators/journal.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators {
namespace {

constexpr std::string_view record_kind = "journal";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string to_json(const JournalEntry& entry) {
  JsonWriter json;
  json.begin_object()
      .member("n", entry.number)
      .member("at", entry.at.to_iso8601())
      .member("at_micros", entry.at.micros)
      .member("kind", entry.kind)
      .member("method", entry.method)
      .member("target", entry.target)
      .key("headers")
      .begin_object();
  for (const auto& [name, value] : entry.headers) json.member(lower(name), value);
  json.end_object()
      .member("body", entry.body)
      .member("order", entry.order)
      .member("fault", entry.fault)
      .member("status", entry.status)
      .member("answer", entry.answer);
  return json.end_object().take();
}

JournalEntry read_entry(const http::Json& json) {
  JournalEntry entry{.number = number_of(json, "n", 0),
                     .at = {number_of(json, "at_micros", 0)},
                     .kind = text_of(json, "kind"),
                     .method = text_of(json, "method"),
                     .target = text_of(json, "target"),
                     .body = text_of(json, "body"),
                     .order = text_of(json, "order"),
                     .fault = text_of(json, "fault"),
                     .status = static_cast<int>(number_of(json, "status", 0)),
                     .answer = text_of(json, "answer")};
  if (const http::Json* headers = object_of(json, "headers")) {
    for (const auto& [name, value] : headers->members) entry.headers.add(name, value.text);
  }
  return entry;
}

bool fits(const JournalEntry& entry, const Journal::Filter& filter) {
  if (entry.number <= filter.after) return false;
  if (!filter.kind.empty() && entry.kind != filter.kind) return false;
  if (!filter.method.empty() && entry.method != filter.method) return false;
  if (!filter.order.empty() && entry.order != filter.order) return false;
  return entry.target.find(filter.path) != std::string::npos;
}

}  // namespace

Journal::Journal(StateFile& state) : state_(state) {
  for (const auto& [key, text] : state_.take(record_kind)) {
    const auto json = http::Json::parse(text);
    EPAY_CHECK(json.has_value());
    entries_.push_back(read_entry(*json));
    last_ = std::max(last_, entries_.back().number);
  }
  std::ranges::sort(entries_, {}, &JournalEntry::number);
}

std::int64_t Journal::begin(JournalEntry entry) {
  entry.number = ++last_;
  entry.body.resize(std::min(entry.body.size(), body_bytes_kept));
  if (entries_.size() >= entries_max) entries_.erase(entries_.begin(), entries_.begin() + entries_max / 10);
  entries_.push_back(std::move(entry));
  return last_;
}

void Journal::end(std::int64_t number, int status, std::string_view answer) {
  JournalEntry* entry = find(number);
  if (entry == nullptr) return;
  entry->status = status;
  entry->answer = answer.substr(0, body_bytes_kept);
  state_.put(record_kind, std::to_string(number), emulators::to_json(*entry));
}

JournalEntry* Journal::find(std::int64_t number) {
  const auto found = std::ranges::lower_bound(entries_, number, {}, &JournalEntry::number);
  return found == entries_.end() || found->number != number ? nullptr : &*found;
}

std::string Journal::to_json(const Filter& filter) const {
  JsonWriter json;
  json.begin_array();
  for (const JournalEntry& entry : entries_) {
    if (fits(entry, filter)) json.raw(emulators::to_json(entry));
  }
  return json.end_array().take();
}

}  // namespace epay::emulators
