#include "bench/service.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace epay::bench {

std::vector<std::string> arguments_on(const Store& store) {
  return {"--listen",          "127.0.0.1:0", "--database",   store.address, "--master-key-file",    store.key_file,
          "--simulator-delay", "0",           "--rate-limit", "0",           "--allow-webhook-cidr", "127.0.0.0/8"};
}

Service::Service(const std::string& binary, std::vector<std::string> arguments, const std::string& log_path) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0) throw std::runtime_error("cannot write " + log_path);
  arguments.insert(arguments.begin(), {binary, "serve"});
  process_ = fork();
  if (process_ == 0) {
    dup2(log, STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(binary.c_str(), argv.data());
    _exit(127);
  }
  close(log);
  constexpr std::string_view address = "\"address\":\"127.0.0.1:";
  for (int tries = 0; tries < 2'000; ++tries) {
    std::ifstream file(log_path);
    const std::string seen((std::istreambuf_iterator<char>(file)), {});
    const auto at = seen.find(address);
    if (at != std::string::npos && seen.find('\n', at) != std::string::npos) {
      port_ = std::uint16_t(std::atoi(seen.c_str() + at + address.size()));
      return;
    }
    if (waitpid(process_, nullptr, WNOHANG) != 0) break;
    usleep(5'000);
  }
  throw std::runtime_error("the service did not start: see " + log_path);
}

Service::~Service() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

Usage Service::usage() const {
  Usage usage;
  std::ifstream stat("/proc/" + std::to_string(process_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  usage.cpu_seconds = (user + system) / double(sysconf(_SC_CLK_TCK));
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) usage.peak_kib = std::atoll(line.c_str() + 6);
    if (line.starts_with("VmRSS:")) usage.resident_kib = std::atoll(line.c_str() + 6);
  }
  return usage;
}

}  // namespace epay::bench
