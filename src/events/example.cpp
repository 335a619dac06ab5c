#include "events/example.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "events/catalogue.h"
#include "http/json.h"

namespace epay::events {
namespace {

using http::Json;

// Copies a document, with fresh marks in place of the example's.
class Copy {
 public:
  explicit Copy(const ExampleMarks& marks) : marks_(marks), next_id_(marks.first_id) {}

  void value(std::string_view name, const Json& value) {
    switch (value.kind) {
      case Json::Kind::null: json_.null(); return;
      case Json::Kind::boolean: json_.value(value.truth); return;
      case Json::Kind::number: name == "id" ? json_.value(next_id_++) : json_.raw(value.text); return;
      case Json::Kind::string: json_.value(text(name, value.text)); return;
      case Json::Kind::array:
        json_.begin_array();
        for (const Json& item : value.items) this->value("", item);
        json_.end_array();
        return;
      case Json::Kind::object:
        json_.begin_object();
        for (const auto& [key, member] : value.members) {
          json_.key(key);
          this->value(key, member);
        }
        json_.end_object();
        return;
    }
  }
  std::string take() { return json_.take(); }

 private:
  std::string text(std::string_view name, const std::string& example) const {
    if (name == "reference" || name == "transaction_reference") return marks_.reference;
    if (name == "timestamp") return marks_.now.to_iso8601();
    if (name == "created_at" || name == "updated_at") return marks_.now.to_wire();
    return example;
  }

  const ExampleMarks& marks_;
  std::int64_t next_id_;
  JsonWriter json_;
};

}  // namespace

std::string make_example(EventType type, const ExampleMarks& marks) {
  const auto example = Json::parse(kind_of(type).example);
  EPAY_CHECK(example.has_value());
  Copy copy(marks);
  copy.value("", *example);
  return copy.take();
}

}  // namespace epay::events
