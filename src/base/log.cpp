#include "base/log.h"

#include "base/json_writer.h"

namespace epay {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "error";
}

}  // namespace

Log::Log(LogLevel least, WallClock now, Sink sink) : least_(least), now_(std::move(now)), sink_(std::move(sink)) {}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  ++(*lines_)[static_cast<std::size_t>(level)];
  if (level < least_ || !sink_) return;
  JsonWriter json;
  json.begin_object().member("time", now_().to_iso8601()).member("level", name_of(level)).member("event", event);
  for (const LogField& field : fields) {
    json.key(field.name);
    std::visit([&](const auto& value) { json.value(value); }, field.value);
  }
  sink_(level, json.end_object().take());
}

}  // namespace epay
