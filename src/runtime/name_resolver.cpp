#include "runtime/name_resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace epay::runtime {
namespace {

std::optional<IpAddress> to_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, bytes.size());
    return IpAddress::v4(bytes[0], bytes[1], bytes[2], bytes[3]);
  }
  if (address->sa_family == AF_INET6) {
    IpAddress out;
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, out.bytes.size());
    return out;
  }
  return {};
}

NameResolver::Addresses look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return fail(ErrorCode::connection_failed, "The name " + host + " has no address: " + gai_strerror(error) + ".");
  }
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (const auto address = to_address(entry->ai_addr)) addresses.push_back(*address);
  }
  freeaddrinfo(found);
  if (addresses.empty()) return fail(ErrorCode::connection_failed, "The name " + host + " has no address.");
  return addresses;
}

}  // namespace

struct NameResolver::Shared {
  struct Question {
    std::string host;
    std::function<void(Addresses)> done;
  };
  std::mutex mutex;  // guards all; held while `done` runs, so that none runs after the resolver is gone
  std::condition_variable asked;
  std::deque<Question> waiting;
  std::size_t threads = 0;
  std::size_t idle_threads = 0;
  bool stopped = false;
};

NameResolver::NameResolver() : shared_(std::make_shared<Shared>()) {}

NameResolver::~NameResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopped = true;
  shared_->waiting.clear();
  shared_->asked.notify_all();
}

void NameResolver::work(std::shared_ptr<Shared> shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    ++shared->idle_threads;
    shared->asked.wait(lock, [&] { return shared->stopped || !shared->waiting.empty(); });
    --shared->idle_threads;
    if (shared->stopped) return;
    const Shared::Question question = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    Addresses addresses = look_up(question.host);
    lock.lock();
    if (shared->stopped) return;
    question.done(std::move(addresses));
  }
}

bool NameResolver::resolve(std::string host, std::function<void(Addresses)> done) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->waiting.size() >= waiting_max) return false;
  shared_->waiting.push_back({std::move(host), std::move(done)});
  if (shared_->waiting.size() > shared_->idle_threads && shared_->threads < threads_max) {
    // A signal handled on such a thread would surprise; the thread inherits the mask in force while it is made.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // Detached because getaddrinfo() cannot be interrupted and must not hold up the program's end.
    std::thread(work, shared_).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ++shared_->threads;
  }
  shared_->asked.notify_one();
  return true;
}

}  // namespace epay::runtime
