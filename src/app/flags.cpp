#include "app/flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/config_file.h"

namespace epay::app {
namespace {

constexpr const char* config_flag = "--config";

bool names(const std::string& argument, const std::string& flag) {
  return argument == flag || argument.starts_with(flag + "=");
}

// As the last of the arguments that names one says, or the environment; empty for none.
std::string config_path(const std::vector<std::string>& arguments) {
  const std::string flag = config_flag;
  for (std::size_t i = arguments.size(); i-- > 0;) {
    if (arguments[i].starts_with(flag + "=")) return arguments[i].substr(flag.size() + 1);
    if (arguments[i] == flag) return i + 1 < arguments.size() ? arguments[i + 1] : "";
  }
  const char* const said = std::getenv("EPAY_CONFIG");
  return said == nullptr ? "" : said;
}

bool is_said(const CLI::Option& flag, const std::string& name, const std::vector<std::string>& arguments) {
  if (!flag.get_envname().empty() && std::getenv(flag.get_envname().c_str()) != nullptr) return true;
  return std::ranges::any_of(arguments, [&](const std::string& argument) { return names(argument, name); });
}

bool is_anybodys(CLI::App& verb, const std::string& flag) {
  return verb.get_option_no_throw(flag) != nullptr ||
         std::ranges::any_of(verb.get_subcommands([](CLI::App*) { return true; }),
                             [&](CLI::App* next) { return is_anybodys(*next, flag); });
}

}  // namespace

CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::string& value, const std::string& help) {
  return verb.add_option(name, value, help)->take_last();
}

CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::int64_t& value, const std::string& help) {
  return verb.add_option(name, value, help)->take_last();
}

CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::size_t& value, const std::string& help) {
  return verb.add_option(name, value, help)->take_last();
}

CLI::Option* add_flag(CLI::App& verb, const std::string& name, std::vector<std::string>& values,
                      const std::string& help) {
  return verb.add_option(name, values, help);
}

CLI::Option* add_switch(CLI::App& verb, const std::string& name, bool& value, const std::string& help) {
  return verb.add_flag(name, value, help);
}

CLI::Option* with_environment(CLI::Option* flag) {
  std::string variable = "EPAY_" + flag->get_name().substr(2);
  for (char& c : variable) c = c == '-' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
  return flag->envname(variable)->capture_default_str();
}

void add_store_flags(CLI::App& verb, StoreConfig& store) {
  add_flag_with_environment(verb, "--database", store.database,
                            "where the data is: sqlite:PATH or postgresql://USER@HOST/NAME");
  add_flag_with_environment(verb, "--master-key-file", store.master_key_file,
                            "the key that seals secrets at rest (default: beside the SQLite file, .key added)");
  add_config_flag(verb);
}

void add_config_flag(CLI::App& verb) {
  verb.add_option_function<std::string>(
      config_flag, [](const std::string&) {}, "a file of flags, one `name = value` a line (EPAY_CONFIG)");
}

Result<std::vector<std::string>> with_config_file(CLI::App& epay, std::vector<std::string> arguments) {
  CLI::App* verb = &epay;
  std::size_t words = 0;  // that name the verb
  while (words < arguments.size()) {
    const auto next = verb->get_subcommands([&](CLI::App* one) { return one->get_name() == arguments[words]; });
    if (next.empty()) break;
    verb = next.front();
    ++words;
  }
  const std::string path = config_path(arguments);
  if (path.empty() || verb->get_option_no_throw(config_flag) == nullptr) return arguments;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return fail(ErrorCode::invalid, std::string(config_flag) + ": cannot read " + path);
  }
  const auto lines = parse_config(std::string((std::istreambuf_iterator<char>(file)), {}));
  if (!lines) return fail(ErrorCode::invalid, path + ": " + lines.error().message);
  std::vector<std::string> flags;
  for (const ConfigLine& line : *lines) {
    const std::string name = "--" + line.name;
    if (!is_anybodys(epay, name)) {
      return fail(ErrorCode::invalid, path + ", line " + std::to_string(line.number) + ": no flag is called " + name);
    }
    const CLI::Option* const flag = verb->get_option_no_throw(name);
    if (flag == nullptr || is_said(*flag, name, arguments)) continue;
    flags.push_back(name + "=" + line.value);
  }
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(words), flags.begin(), flags.end());
  return arguments;
}

}  // namespace epay::app
