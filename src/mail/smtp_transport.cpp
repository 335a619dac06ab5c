#include "mail/smtp_transport.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "base/check.h"

namespace epay::mail {
namespace {

constexpr std::size_t reply_shown_max = 300;

// What was said on the connection, as far as it tells why a mail was not taken. Never what was said to sign in.
struct Conversation {
  std::string_view unsent;  // of the content
  bool mail_begun = false;  // the server was asked to take this mail
  bool over = false;        // we have taken our leave
  std::string reply;        // the last line the server answered before
  const std::atomic<bool>& broken_off;

  int reply_code() const {
    int code = 0;
    std::from_chars(reply.data(), reply.data() + reply.size(), code);
    return code;
  }
};

int listen_in(CURL*, curl_infotype type, char* text, std::size_t size, void* conversation) {
  auto& heard = *static_cast<Conversation*>(conversation);
  const std::string_view line(text, size);
  if (type == CURLINFO_HEADER_OUT) {
    heard.mail_begun = heard.mail_begun || line.starts_with("MAIL FROM:");
    heard.over = heard.over || line.starts_with("QUIT");
  }
  if (type == CURLINFO_HEADER_IN && !heard.over) {
    heard.reply = line.substr(0, reply_shown_max);
    std::erase_if(heard.reply, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  }
  return 0;
}

std::size_t give_content(char* into, std::size_t size, std::size_t count, void* conversation) {
  auto& unsent = static_cast<Conversation*>(conversation)->unsent;
  const std::size_t given = std::min(size * count, unsent.size());
  std::memcpy(into, unsent.data(), given);
  unsent.remove_prefix(given);
  return given;
}

int may_go_on(void* conversation, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Conversation*>(conversation)->broken_off ? 1 : 0;
}

// libcurl's global part, made once however many transports there are.
void make_ready() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  EPAY_CHECK(ready == CURLE_OK);
}

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  EPAY_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

void set_server(CURL* handle, const SmtpOptions& options) {
  const bool authenticated = !options.user.empty() || !options.password.empty();
  set(handle, CURLOPT_URL, options.url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(handle, CURLOPT_PROXY, "");  // whatever the environment says
  set(handle, CURLOPT_USE_SSL, long(options.tls_required || authenticated ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  set(handle, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  if (!options.certificates_file.empty()) set(handle, CURLOPT_CAINFO, options.certificates_file.c_str());
  if (authenticated) {
    set(handle, CURLOPT_USERNAME, options.user.c_str());
    set(handle, CURLOPT_PASSWORD, options.password.reveal().c_str());
  }
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, long(options.connect_time_max.count()));
  set(handle, CURLOPT_TIMEOUT_MS, long(options.exchange_time_max.count()));
  set(handle, CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer must not hold up the end.
  set(handle, CURLOPT_QUICK_EXIT, 1L);
}

void set_callbacks(CURL* handle, Conversation& conversation) {
  set(handle, CURLOPT_UPLOAD, 1L);
  set(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(conversation.unsent.size()));
  set(handle, CURLOPT_READFUNCTION, give_content);
  set(handle, CURLOPT_READDATA, &conversation);
  set(handle, CURLOPT_VERBOSE, 1L);
  set(handle, CURLOPT_DEBUGFUNCTION, listen_in);
  set(handle, CURLOPT_DEBUGDATA, &conversation);
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set(handle, CURLOPT_XFERINFOFUNCTION, may_go_on);
  set(handle, CURLOPT_XFERINFODATA, &conversation);
}

// An answer that is no yes: whether it is about this mail, and for good.
std::unexpected<Error> refusal(const Conversation& heard) {
  constexpr int authentication_required = 530;
  const std::string said = "the mail server answered: " + heard.reply;
  if (heard.reply_code() == authentication_required) return fail(ErrorCode::unauthenticated, said);
  if (!heard.mail_begun) return fail(ErrorCode::connection_failed, said);
  return fail(heard.reply_code() >= 500 ? ErrorCode::refused : ErrorCode::unavailable, said);
}

std::unexpected<Error> failure(CURLcode code, const Conversation& heard, std::string why) {
  if (why.empty()) why = curl_easy_strerror(code);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return fail(ErrorCode::connection_failed, "no mail server was reached: " + why);
    case CURLE_USE_SSL_FAILED:
      return fail(ErrorCode::connection_failed, "the mail server offers no TLS, without which no mail is to be sent");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
      return fail(ErrorCode::connection_failed, "no TLS with the mail server: " + why);
    case CURLE_OPERATION_TIMEDOUT: return fail(ErrorCode::timed_out, "the mail server took too long: " + why);
    case CURLE_LOGIN_DENIED:
      return fail(ErrorCode::unauthenticated, "the mail server did not let us sign in: " + heard.reply);
    default: break;
  }
  if (heard.reply_code() >= 400) return refusal(heard);
  return fail(ErrorCode::connection_closed, "the mail server broke off: " + why);
}

Result<> send_now(const SmtpOptions& options, const Envelope& envelope, const std::atomic<bool>& broken_off) {
  const std::unique_ptr<CURL, Free> handle(curl_easy_init());
  const std::unique_ptr<curl_slist, Free> recipients(
      curl_slist_append(nullptr, ("<" + envelope.recipient + ">").c_str()));
  EPAY_CHECK(handle && recipients);
  Conversation conversation{.unsent = envelope.content, .broken_off = broken_off};
  char why[CURL_ERROR_SIZE] = "";
  set_server(handle.get(), options);
  set_callbacks(handle.get(), conversation);
  set(handle.get(), CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
  set(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
  set(handle.get(), CURLOPT_ERRORBUFFER, &why[0]);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) return {};
  return failure(code, conversation, why);
}

}  // namespace

// The thread and what waits for it. Shared with the coroutines that wait, which may go before it or after it.
class SmtpTransport::Worker {
 public:
  struct Exchange {
    Envelope envelope;
    std::coroutine_handle<> waiting = {};  // none once its coroutine is gone
    std::optional<Result<>> answer = {};
  };

  Worker(Clock& clock, SmtpOptions options) : clock_(clock), options_(std::move(options)) {
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

  // False when it has been answered at once.
  bool submit(const std::shared_ptr<Exchange>& exchange, std::coroutine_handle<> waiting) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= waiting_max) {
        exchange->answer = fail(ErrorCode::unavailable, "too many mails are waiting to be sent");
        return false;
      }
      exchange->waiting = waiting;
      waiting_.push_back(exchange);
    }
    arrived_.notify_one();
    return true;
  }

  void abandon(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    exchange.waiting = {};
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      const auto exchange = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      auto answer = send_now(options_, exchange->envelope, stopped_);
      lock.lock();
      if (stopped_) return;
      exchange->answer = std::move(answer);
      if (exchange->waiting) clock_.post(std::exchange(exchange->waiting, {}));
    }
  }

  Clock& clock_;
  const SmtpOptions options_;
  std::mutex mutex_;  // guards what follows, and every exchange
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Exchange>> waiting_;
  std::atomic<bool> stopped_ = false;  // also read while an exchange is under way
  std::thread thread_;
};

SmtpTransport::SmtpTransport(Clock& clock, SmtpOptions options) {
  make_ready();
  worker_ = std::make_shared<Worker>(clock, std::move(options));
}

SmtpTransport::~SmtpTransport() { worker_->stop(); }

Task<Result<>> SmtpTransport::send(Envelope envelope) {
  struct Answered {
    Worker& worker;
    const std::shared_ptr<Worker::Exchange>& exchange;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) { return worker.submit(exchange, self); }
    void await_resume() const noexcept {}
  };
  // A coroutine destroyed while it waits must not be resumed by the answer.
  struct Abandon {
    std::shared_ptr<Worker> worker;
    std::shared_ptr<Worker::Exchange> exchange;
    ~Abandon() { worker->abandon(*exchange); }
  };
  const Abandon held{worker_, std::make_shared<Worker::Exchange>(std::move(envelope))};
  co_await Answered{*held.worker, held.exchange};
  co_return std::move(*held.exchange->answer);
}

}  // namespace epay::mail
