#include "app/flags.h"

#include <CLI/CLI.hpp>

namespace epay::app {

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
  verb.set_config("--config", "", "a file of flags, one `name = value` a line");
}

}  // namespace epay::app
