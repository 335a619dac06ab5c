#include "http/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <unordered_map>

namespace epay::http {
namespace {

namespace json = boost::json;

// A small document can hold a great many small values, each of which costs a hundred bytes here.
constexpr std::size_t values_max = 100'000;

// Builds the tree from the parser's events. A value under construction is the last of `open_`.
class Builder {
 public:
  static constexpr std::size_t max_object_size = values_max;
  static constexpr std::size_t max_array_size = values_max;
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& error) { return begin(Json::Kind::object, error); }
  bool on_array_begin(json::error_code& error) { return begin(Json::Kind::array, error); }
  bool on_object_end(std::size_t, json::error_code& error) {
    keep_last_of_each_key(open_.back().value.members);
    return end(error);
  }
  bool on_array_end(std::size_t, json::error_code& error) { return end(error); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    open_.back().key = std::exchange(text_, {});
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    return scalar(Json::Kind::string, part, error);
  }
  bool on_number_part(json::string_view part, json::error_code&) { return append(part); }
  bool on_int64(std::int64_t, json::string_view part, json::error_code& error) {
    return scalar(Json::Kind::number, part, error);
  }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code& error) {
    return scalar(Json::Kind::number, part, error);
  }
  bool on_double(double, json::string_view part, json::error_code& error) {
    return scalar(Json::Kind::number, part, error);
  }
  bool on_bool(bool truth, json::error_code& error) {
    Json value;
    value.kind = Json::Kind::boolean;
    value.truth = truth;
    return place(std::move(value), error);
  }
  bool on_null(json::error_code& error) { return place({}, error); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  Json take() { return std::move(root_); }
  bool has_too_many_values() const { return count_ > values_max; }

 private:
  struct Open {
    Json value;
    std::string key;  // of the member that comes next
  };

  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool begin(Json::Kind kind, json::error_code&) {
    open_.emplace_back().value.kind = kind;
    return true;
  }
  bool end(json::error_code& error) {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return place(std::move(value), error);
  }
  bool scalar(Json::Kind kind, json::string_view part, json::error_code& error) {
    append(part);
    Json value;
    value.kind = kind;
    value.text = std::exchange(text_, {});
    return place(std::move(value), error);
  }
  bool place(Json value, json::error_code& error) {
    if (++count_ > values_max) {
      error = json::error::array_too_large;
      return false;
    }
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.kind == Json::Kind::array) {
      open_.back().value.items.push_back(std::move(value));
    } else {
      open_.back().value.members.emplace_back(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  // A hostile document has a hundred thousand keys, for which comparing all with all would take minutes.
  static void keep_last_of_each_key(std::vector<std::pair<std::string, Json>>& members) {
    if (members.size() <= 16) {
      for (std::size_t i = members.size(); i-- > 0;) {
        const auto later = members.begin() + static_cast<std::ptrdiff_t>(i) + 1;
        const bool repeated =
            std::any_of(later, members.end(), [&](const auto& member) { return member.first == members[i].first; });
        if (repeated) members.erase(members.begin() + static_cast<std::ptrdiff_t>(i));
      }
      return;
    }
    std::unordered_map<std::string_view, std::size_t> last_of;
    for (std::size_t i = 0; i < members.size(); ++i) last_of[members[i].first] = i;
    if (last_of.size() == members.size()) return;
    std::vector<bool> kept(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) kept[i] = last_of.at(members[i].first) == i;
    std::size_t i = 0;
    std::erase_if(members, [&](const auto&) { return !kept[i++]; });
  }

  std::vector<Open> open_;
  std::string text_;
  Json root_;
  std::size_t count_ = 0;
};

std::unexpected<Error> wrong_at(std::size_t byte, std::string_view what) {
  return fail(ErrorCode::invalid, "Malformed JSON at byte " + std::to_string(byte) + ": " + std::string(what) + ".");
}

}  // namespace

Json::Json() = default;
Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Result<Json> Json::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<Builder> parser(options);
  json::error_code error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (parser.handler().has_too_many_values()) return wrong_at(parsed, "too many values");
  if (error) return wrong_at(parsed, error.message());
  if (parsed < text.size()) return wrong_at(parsed, "extra data after the document");
  return parser.handler().take();
}

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace epay::http
