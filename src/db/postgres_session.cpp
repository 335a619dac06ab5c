#include "db/postgres_session.h"

#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <cstring>

#include "base/check.h"

namespace epay::db {
namespace {

constexpr int as_binary = 1;

// Long enough for a slow network, short enough that a session whose peer has vanished is not held on to: by us, and by
// the server, which holds its locks.
constexpr const char* session_settings =
    "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; "
    "SET idle_in_transaction_session_timeout = '10s'; SET tcp_user_timeout = '10s'; "
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
    "SET client_min_messages = warning; SET TimeZone = 'UTC'";

void ignore_notice(void*, const PGresult*) {}

std::string first_line(const char* text) {
  const std::string_view all = text != nullptr ? text : "";
  return std::string(all.substr(0, all.find('\n')));
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }

PostgresSession::PostgresSession(const PostgresOptions& options) : options_(options) {
  const std::string connect_timeout =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(options.connect_wait_max).count());
  // What the operator's address says comes last and counts.
  const char* const names[] = {
      "connect_timeout",      "tcp_user_timeout",          "keepalives_idle", "keepalives_interval",
      "target_session_attrs", "fallback_application_name", "dbname",          nullptr};
  const char* const values[] = {connect_timeout.c_str(), "10000", "5", "5", "read-write", "epay",
                                options.url.c_str(),     nullptr};
  connection_ = PQconnectdbParams(names, values, 1);
  EPAY_CHECK(connection_ != nullptr);
  PQsetNoticeReceiver(connection_, ignore_notice, nullptr);
  if (PQstatus(connection_) != CONNECTION_OK) {
    message_ = first_line(PQerrorMessage(connection_));
    PQfinish(connection_);
    throw StoreFailure("cannot connect to PostgreSQL: " + message_);
  }
  const OwnedResult set(PQexec(connection_, session_settings));
  if (PQresultStatus(set.get()) != PGRES_COMMAND_OK || PQsetnonblocking(connection_, 1) != 0 ||
      PQenterPipelineMode(connection_) != 1) {
    message_ = first_line(PQerrorMessage(connection_));
    PQfinish(connection_);
    throw StoreFailure("cannot use the PostgreSQL server: " + message_);
  }
}

PostgresSession::~PostgresSession() { PQfinish(connection_); }

PostgresSession::Statement& PostgresSession::prepare(const Sql& sql) {
  const auto known = statements_.find(sql.text.data());
  if (known != statements_.end()) return known->second;
  Statement& statement =
      statements_.emplace(sql.text.data(), Statement{"s" + std::to_string(statements_.size() + 1), {}}).first->second;
  const char* const name = statement.name.c_str();
  if (PQsendPrepare(connection_, name, std::string(sql.text).c_str(), 0, nullptr) != 1) lose(sql.text);
  awaited_.push_back({sql.text, {}, Awaited::What::prepared});
  if (PQsendDescribePrepared(connection_, name) != 1) lose(sql.text);
  awaited_.push_back({sql.text, {}, Awaited::What::described});
  return statement;
}

void PostgresSession::send(const Sql& sql, std::span<const Value> values, TakeResult take) {
  if (lost_) throw StoreFailure(message_);
  const std::string& name = prepare(sql).name;
  parameters_.fill(values);
  if (PQsendQueryPrepared(connection_, name.c_str(), parameters_.count(), parameters_.contents(), parameters_.lengths(),
                          parameters_.formats(), as_binary) != 1) {
    lose(sql.text);
  }
  awaited_.push_back({sql.text, std::move(take), Awaited::What::done});
}

void PostgresSession::settle() {
  if (lost_) throw StoreFailure(message_);
  if (awaited_.empty()) return;
  if (PQpipelineSync(connection_) != 1) lose("sync");
  std::string failure;
  while (!awaited_.empty()) {
    const Awaited awaited = std::move(awaited_.front());
    awaited_.pop_front();
    // An answer, and the null behind it.
    for (OwnedResult result = next_result(); result; result = next_result()) {
      take_answer(awaited, std::move(result), failure);
    }
  }
  const OwnedResult sync = next_result();
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) lose("sync");
  if (!failure.empty()) throw StoreFailure(failure);
}

void PostgresSession::take_answer(const Awaited& awaited, OwnedResult result, std::string& failure) {
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    if (awaited.what == Awaited::What::described) {
      std::vector<TypeId>& types = statements_.at(awaited.text.data()).types.emplace();
      for (int i = 0; i < PQnparams(result.get()); ++i) types.push_back(PQparamtype(result.get(), i));
    }
    // Rows are for bodies, which may ask more: not while answers are still to be read.
    if (awaited.take && failure.empty()) awaited.take(std::move(result));
    return;
  }
  // What could not be prepared is to be prepared again.
  if (awaited.what != Awaited::What::done) statements_.erase(awaited.text.data());
  if (!failure.empty()) return;
  note_error(result.get(), awaited.text);
  failed_statement_ = awaited.text;
  failure = message_;
}

void PostgresSession::execute_text(const std::string& sql) {
  settle();
  if (PQexitPipelineMode(connection_) != 1 || PQsetnonblocking(connection_, 0) != 0) lose(sql);
  const OwnedResult result(PQexec(connection_, sql.c_str()));
  const auto status = PQresultStatus(result.get());
  const bool succeeded = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!succeeded) note_error(result.get(), sql);
  if (PQstatus(connection_) != CONNECTION_OK || PQsetnonblocking(connection_, 1) != 0 ||
      PQenterPipelineMode(connection_) != 1) {
    lose(sql);
  }
  if (!succeeded) throw StoreFailure(message_);
}

bool PostgresSession::wait_for_news(milliseconds wait_max, int wake) {
  pollfd waiting[] = {{PQsocket(connection_), POLLIN, 0}, {wake, POLLIN, 0}};
  if (::poll(waiting, 2, static_cast<int>(wait_max.count())) <= 0) return false;
  if (waiting[0].revents != 0 && PQconsumeInput(connection_) != 1) lose("news");
  return true;
}

void PostgresSession::take_notifications(
    const std::function<void(std::string_view channel, std::string_view content)>& each) {
  while (PGnotify* notification = PQnotifies(connection_)) {
    each(notification->relname, notification->extra);
    PQfreemem(notification);
  }
}

// Sends what is buffered, and reads meanwhile: a server whose answers nobody takes does not read either.
void PostgresSession::flush() {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) return;
    if (left < 0) lose("send");
    wait_for_answer();
  }
}

void PostgresSession::wait_for_answer() {
  const short events = static_cast<short>(PQflush(connection_) == 1 ? POLLIN | POLLOUT : POLLIN);
  pollfd waiting{PQsocket(connection_), events, 0};
  const bool for_ever = options_.answer_wait_max.count() == 0;
  const int ready = ::poll(&waiting, 1, for_ever ? -1 : static_cast<int>(options_.answer_wait_max.count()));
  if (ready == 0) {
    message_ = "PostgreSQL has not answered for " + std::to_string(options_.answer_wait_max.count()) + " ms";
    lose("wait");
  }
  if (ready < 0 && errno != EINTR) lose("wait");
  if ((waiting.revents & (POLLIN | POLLERR | POLLHUP)) != 0 && PQconsumeInput(connection_) != 1) lose("read");
}

OwnedResult PostgresSession::next_result() {
  flush();
  while (PQisBusy(connection_) == 1) wait_for_answer();
  OwnedResult result(PQgetResult(connection_));
  if (PQstatus(connection_) != CONNECTION_OK) {
    if (result) note_error(result.get(), "read");
    lose("read");
  }
  return result;
}

void PostgresSession::note_error(const pg_result* result, std::string_view doing) {
  constexpr std::size_t shown_max = 60;
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  state_ = state != nullptr ? state : "";
  message_ = (primary != nullptr ? std::string(primary) : first_line(PQresultErrorMessage(result))) +
             ", in: " + std::string(doing.substr(0, shown_max));
}

void PostgresSession::lose(std::string_view doing) {
  if (message_.empty()) message_ = first_line(PQerrorMessage(connection_));
  if (message_.empty()) message_ = "lost the connection to PostgreSQL";
  constexpr std::size_t shown_max = 60;
  message_ += " (" + std::string(doing.substr(0, shown_max)) + ")";
  lost_ = true;
  awaited_.clear();
  throw StoreFailure(message_);
}

}  // namespace epay::db
