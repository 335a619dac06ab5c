#include "runtime/password_hasher.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <thread>

namespace epay::runtime {

// The thread and what waits for it. Shared with the coroutines that wait, which may go before it or after it.
class PasswordHasher::Worker {
 public:
  struct Work {
    std::function<void()> run;
    std::coroutine_handle<> waiting = {};  // none once its coroutine is gone
    bool turned_away = false;              // or there was no memory for it
  };

  explicit Worker(Clock& clock) : clock_(clock) {
    // A signal handled on this thread would surprise; it inherits the mask in force while it is made.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { serve(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      waiting_.clear();
    }
    arrived_.notify_one();
    thread_.join();
  }

  // False when it was turned away.
  bool submit(const std::shared_ptr<Work>& work, std::coroutine_handle<> waiting) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= waiting_max) {
        work->turned_away = true;
        return false;
      }
      work->waiting = waiting;
      waiting_.push_back(work);
    }
    arrived_.notify_one();
    return true;
  }

  void abandon(Work& work) {
    const std::lock_guard lock(mutex_);
    work.waiting = {};
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      const auto work = std::move(waiting_.front());
      waiting_.pop_front();
      // Whoever gave up needs no hash.
      if (!work->waiting) continue;
      lock.unlock();
      bool done = true;
      try {
        work->run();
      } catch (const std::bad_alloc&) {
        done = false;
      }
      lock.lock();
      if (stopped_) return;
      work->turned_away = !done;
      if (work->waiting) clock_.post(std::exchange(work->waiting, {}));
    }
  }

  Clock& clock_;
  std::mutex mutex_;  // guards what follows, and every work but its run
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Work>> waiting_;
  bool stopped_ = false;
  std::thread thread_;
};

PasswordHasher::PasswordHasher(Clock& clock, Random& random, Options options)
    : clock_(clock), random_(random), options_(options) {
  if (options.threading == Threading::own_thread) worker_ = std::make_shared<Worker>(clock);
}

PasswordHasher::~PasswordHasher() {
  if (worker_) worker_->stop();
}

Task<Result<std::string>> PasswordHasher::hash(Secret password) {
  const auto made = std::make_shared<std::string>();
  const auto done = co_await run([made, password, salt = random_.bytes(password_salt_bytes), cost = options_.cost] {
    *made = password_hash(password, salt, cost);
  });
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(*made);
}

Task<Result<bool>> PasswordHasher::matches(Secret password, std::string hash) {
  const auto same = std::make_shared<bool>(false);
  const auto done = co_await run([same, password, compared = std::move(hash), cost = options_.cost] {
    if (compared.empty()) {
      password_hash(password, std::string(password_salt_bytes, '\0'), cost);
    } else {
      *same = password_matches(password, compared);
    }
  });
  if (!done) co_return std::unexpected(done.error());
  co_return *same;
}

Task<Result<>> PasswordHasher::run(std::function<void()> work) {
  if (!worker_) {
    co_await clock_.yield();
    work();
    co_return Result<>();
  }
  struct Done {
    Worker& worker;
    const std::shared_ptr<Worker::Work>& work;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) { return worker.submit(work, self); }
    void await_resume() const noexcept {}
  };
  // A coroutine destroyed while it waits must not be resumed by the thread.
  struct Abandon {
    std::shared_ptr<Worker> worker;
    std::shared_ptr<Worker::Work> work;
    ~Abandon() { worker->abandon(*work); }
  };
  const Abandon held{worker_, std::make_shared<Worker::Work>(std::move(work))};
  co_await Done{*held.worker, held.work};
  if (held.work->turned_away) co_return fail(ErrorCode::unavailable, "too many passwords are being checked");
  co_return Result<>();
}

}  // namespace epay::runtime
