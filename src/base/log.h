// One JSON object a line, one line an event: {"time":…,"level":…,"event":…, fields…}. Never a secret, a PIN, an OTP, a
// voucher or a whole phone number: PhoneNumber logs masked, Secret has no overload.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "base/timestamp.h"

namespace epay {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::int64_t, std::string_view, bool> value;
  LogField(std::string_view n, std::int64_t v) : name(n), value(v) {}
  LogField(std::string_view n, int v) : name(n), value(std::int64_t(v)) {}
  LogField(std::string_view n, std::size_t v) : name(n), value(std::int64_t(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  template <class Tag>
  LogField(std::string_view n, Id<Tag> v) : name(n), value(v.value) {}
};

class Log {
 public:
  // Takes one finished line, without its line end. Called on the thread that logs.
  using Sink = std::function<void(LogLevel, std::string_view line)>;
  using WallClock = std::function<Timestamp()>;

  Log(LogLevel least, WallClock now, Sink sink);

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, event, fields);
  }

  // How many lines of the level there have been, also those that are less than the least that is written. Any thread.
  std::int64_t lines(LogLevel level) const { return (*lines_)[static_cast<std::size_t>(level)]; }

 private:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

  LogLevel least_;
  WallClock now_;
  Sink sink_;
  using Counts = std::array<std::atomic<std::int64_t>, static_cast<std::size_t>(LogLevel::error) + 1>;
  std::shared_ptr<Counts> lines_ = std::make_shared<Counts>();
};

}  // namespace epay
