#include "db/postgres_strands.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "db/postgres_pieces.h"
#include "db/postgres_schema.h"

namespace epay::db {
namespace {

std::int64_t changes_in(const pg_result* result) {
  const std::string_view text = PQcmdTuples(const_cast<pg_result*>(result));
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace

void TakenIds::begin(PostgresSession& session, std::size_t jobs) {
  jobs_ = jobs;
  for (std::size_t i = 0; i < ids_.size() && jobs_ > 1 && jobs_before_ > 0; ++i) {
    const std::size_t likely = ids_[i].used_before * jobs_ / jobs_before_;
    if (likely > 0) ask(session, static_cast<Sequence>(i), likely);
  }
}

void TakenIds::end() {
  for (Ids& ids : ids_) {
    ids.used_before = std::exchange(ids.used, 0);
    ids.values.clear();
  }
  jobs_before_ = jobs_;
}

std::optional<std::int64_t> TakenIds::next(Sequence sequence) {
  Ids& ids = ids_[static_cast<std::size_t>(sequence)];
  if (ids.used == ids.values.size()) return std::nullopt;
  return ids.values[ids.used++];
}

void TakenIds::ask(PostgresSession& session, Sequence sequence, std::size_t count) {
  Ids& ids = ids_[static_cast<std::size_t>(sequence)];
  const Value values[] = {static_cast<std::int64_t>(count)};
  session.send(next_ids(sequence), values, [&ids](OwnedResult result) {
    PostgresRow row(result.get());
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      row.set_row(i);
      ids.values.push_back(row.integer(0));
    }
  });
}

// A statement that a body asks for, with parameters of its own.
struct PostgresStrands::Asked {
  enum class Rows : std::uint8_t { none, awaited, later };
  Asked(const Sql& s, std::span<const Value> borrowed, Rows r, std::size_t number)
      : sql(s), values(borrowed.begin(), borrowed.end()), rows(r), ticket(number) {
    // A body that does not wait goes on and forgets its texts.
    if (rows == Rows::awaited) return;
    std::size_t size = 0;
    for (const Value& value : values) size += content_of(value).size();
    texts.reserve(size);
    for (Value& value : values) {
      const std::string_view content = content_of(value);
      const std::string_view kept(texts.data() + texts.size(), content.size());
      if (std::holds_alternative<std::string_view>(value) || std::holds_alternative<Bytes>(value)) texts += content;
      if (std::holds_alternative<std::string_view>(value)) value = kept;
      if (std::holds_alternative<Bytes>(value)) value = Bytes{kept};
    }
  }
  static std::string_view content_of(const Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
    if (const auto* bytes = std::get_if<Bytes>(&value)) return bytes->content;
    return {};
  }

  Strand* strand = nullptr;
  Sql sql;
  std::vector<Value> values;
  std::string texts;
  Rows rows;
  std::size_t ticket;
  bool writes = false;
  std::size_t body = 0;                        // whose, of the strand's
  std::shared_ptr<Transaction::RowSink> sink;  // where rows are taken later
};

class PostgresStrands::Strand final : public Transaction {
 public:
  Strand(PostgresStrands& all, Fiber& own) : all_(all), fiber_(own) {}

  void add(Job& job) { jobs_.push_back(&job); }
  void start() {
    fiber_.start([this] { run_jobs(); });
  }
  void resume() { fiber_.resume(); }
  bool done() const { return fiber_.idle(); }

  std::int64_t next_id(Sequence sequence) override {
    for (;;) {
      if (const auto id = all_.ids_->next(sequence)) return *id;
      wanted_id_ = sequence;
      wait();
      wanted_id_.reset();
    }
  }
  ProcessId process() const override { return all_.process_; }
  bool keep_pieces(TimedTable table, Timestamp before, Timestamp now) override {
    if (all_.failure_) throw StoreFailure(*all_.failure_);
    if (!asked_.empty()) wait();
    ++writes_;
    all_.wrote_ = true;
    try {
      // Nothing of another strand is under way while this one runs.
      db::keep_pieces(*all_.session_, table, before, now);
    } catch (const StoreFailure& failure) {
      all_.note_failure(failure);
      throw;
    }
    return true;
  }

  const std::optional<Sequence>& wanted_id() const { return wanted_id_; }
  // What it has asked for since the last trip, in its order.
  std::deque<Asked>& asked() { return asked_; }

  // What became of a statement: how many rows it changed, and those it gave, in whole or some of them.
  void take(const Asked& asked, std::int64_t changes, const std::shared_ptr<pg_result>& result, std::vector<int> rows) {
    counts_[asked.ticket] = changes;
    // Of the body under way: one that has changed nothing is not undone.
    if (changes == 0 && asked.writes && asked.body == body_) --writes_;
    if (asked.rows == Asked::Rows::awaited) {
      result_ = result;
      rows_ = std::move(rows);
    }
    if (asked.sink) give(*result, rows, *asked.sink);
  }

 protected:
  Changes run(const Sql& sql, std::span<const Value> values, RowSink* sink) override {
    const std::size_t ticket = ask(sql, values, sink != nullptr ? Asked::Rows::awaited : Asked::Rows::none).ticket;
    if (sink == nullptr) return Changes(*this, ticket);
    wait();
    const auto result = std::exchange(result_, nullptr);
    give(*result, std::exchange(rows_, {}), *sink);
    return Changes(counts_[ticket]);
  }

  Changes run_later(const Sql& sql, std::span<const Value> values, const std::shared_ptr<RowSink>& sink) override {
    Asked& asked = ask(sql, values, Asked::Rows::later);
    asked.sink = sink;
    return Changes(*this, asked.ticket);
  }

  std::int64_t changes_of(std::uint64_t ticket) override {
    EPAY_CHECK(ticket < counts_.size());
    if (counts_[ticket] == unknown_count) wait();
    return counts_[ticket];
  }

 private:
  static constexpr std::int64_t unknown_count = -1;

  Asked& ask(const Sql& sql, std::span<const Value> values, Asked::Rows rows) {
    if (all_.failure_) throw StoreFailure(*all_.failure_);
    Asked& asked = asked_.emplace_back(sql, values, rows, counts_.size());
    asked.strand = this;
    counts_.push_back(unknown_count);
    asked.body = body_;
    asked.writes = !sql.text.starts_with("SELECT");
    if (!asked.writes) return asked;
    ++writes_;
    all_.wrote_ = true;
    return asked;
  }

  static void give(const pg_result& result, std::span<const int> rows, RowSink& sink) {
    PostgresRow row(&result);
    for (const int number : rows) {
      row.set_row(number);
      sink.row(row);
    }
  }

  void wait() {
    fiber_.wait();
    if (all_.failure_) throw StoreFailure(*all_.failure_);
  }

  void run_jobs() {
    try {
      for (Job* job : jobs_) {
        ++body_;
        writes_ = 0;
        const bool succeeded = job->run(*this);
        if (all_.failure_) return;
        if (succeeded || writes_ == 0) continue;
        all_.undo_ = true;
        all_.fail("another body of the transaction is undone");
        return;
      }
    } catch (const StoreFailure&) {
      EPAY_CHECK(all_.failure_.has_value());
    } catch (...) {
      all_.thrown_ = std::current_exception();
      all_.fail("another body of the transaction has failed");
    }
  }

  PostgresStrands& all_;
  Fiber& fiber_;
  std::vector<Job*> jobs_;
  std::deque<Asked> asked_;
  std::vector<std::int64_t> counts_;  // of its statements, by ticket
  std::optional<Sequence> wanted_id_;
  std::shared_ptr<pg_result> result_;  // of the statement that it waits for
  std::vector<int> rows_;              // of the result, those that are for it
  std::size_t body_ = 0;               // under way, from 1
  int writes_ = 0;                     // of the body under way, but for those that have changed nothing
};

PostgresStrands::PostgresStrands() = default;
PostgresStrands::~PostgresStrands() = default;

PostgresStrands::End PostgresStrands::run(PostgresSession& session, TakenIds& ids, ProcessId process,
                                          std::span<Job* const> jobs) {
  session_ = &session;
  ids_ = &ids;
  process_ = process;
  wrote_ = set_refused_ = session_failed_ = undo_ = false;
  failure_.reset();
  thrown_ = nullptr;
  sort_into_strands(jobs);
  for (const auto& strand : strands_) strand->start();
  while (std::ranges::any_of(strands_, [](const auto& strand) { return !strand->done(); })) go_on();
  // What the last of them asked for without waiting: whoever commits hears of it.
  if (!failure_) send_all();
  last_.swap(strands_);
  strands_.clear();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (undo_) return End::one_is_to_be_undone;
  return failure_ ? End::failed : End::all_ran;
}

void PostgresStrands::sort_into_strands(std::span<Job* const> jobs) {
  last_.clear();
  strands_.clear();
  std::map<std::int64_t, Strand*> by_lane;
  const bool alone = std::ranges::any_of(jobs, [](const Job* job) { return job->lane.is_everything(); });
  for (Job* job : jobs) {
    Strand* strand = nullptr;
    if (alone && !strands_.empty()) strand = strands_.front().get();
    if (!alone && !job->lane.is_unordered()) {
      if (const auto known = by_lane.find(job->lane.key()); known != by_lane.end()) strand = known->second;
    }
    if (strand == nullptr) {
      if (strands_.size() == fibers_.size()) fibers_.push_back(std::make_unique<Fiber>());
      strand = strands_.emplace_back(std::make_unique<Strand>(*this, *fibers_[strands_.size()])).get();
      if (!job->lane.is_unordered()) by_lane.emplace(job->lane.key(), strand);
    }
    strand->add(*job);
  }
}

// One trip to the server, and what comes of it.
void PostgresStrands::go_on() {
  if (!failure_) ask_for_all();
  for (const auto& strand : strands_) {
    if (!strand->done()) strand->resume();
  }
}

void PostgresStrands::ask_for_ids() {
  std::map<Sequence, std::size_t> wanted;
  for (const auto& strand : strands_) {
    if (!strand->done() && strand->wanted_id()) ++wanted[*strand->wanted_id()];
  }
  for (const auto& [sequence, count] : wanted) ids_->ask(*session_, sequence, count);
}

void PostgresStrands::ask_for_all() {
  send_all();
  if (!failure_) settle();
  for (const auto& strand : strands_) strand->asked().clear();
}

void PostgresStrands::settle() {
  try {
    session_->settle();
  } catch (const StoreFailure& failure) {
    note_failure(failure);
  }
}

void PostgresStrands::send_all() {
  std::vector<std::size_t> next(strands_.size(), 0);
  try {
    ask_for_ids();
    // Whoever is next with the same statement goes together: the most first, so that the others may catch up.
    for (;;) {
      std::map<const char*, std::vector<Asked*>> same;
      for (std::size_t i = 0; i < strands_.size(); ++i) {
        auto& asked = strands_[i]->asked();
        if (next[i] < asked.size()) same[asked[next[i]].sql.text.data()].push_back(&asked[next[i]]);
      }
      if (same.empty()) break;
      const auto most = std::ranges::max_element(same, {}, [](const auto& one) { return one.second.size(); });
      send_same(most->second);
      for (std::size_t i = 0; i < strands_.size(); ++i) {
        auto& asked = strands_[i]->asked();
        if (next[i] < asked.size() && asked[next[i]].sql.text.data() == most->first) ++next[i];
      }
    }
  } catch (const StoreFailure& failure) {
    note_failure(failure);
  }
}

void PostgresStrands::note_failure(const StoreFailure& failure) {
  session_failed_ = true;
  note_refused_set();
  fail(failure.what());
}

// That a set is refused where its statement alone is not would be a mistake of ours: it costs a repetition, no more.
void PostgresStrands::note_refused_set() {
  const std::string& state = session_->state();
  // "Syntax error or access rule violation", "feature not supported", "cardinality violation".
  if (!state.starts_with("42") && !state.starts_with("0A") && !state.starts_with("21")) return;
  for (const auto& [text, set] : sets_) {
    if (!set->statement || session_->failed_statement().data() != set->sql.text.data()) continue;
    set->statement.reset();
    set_refused_ = true;
  }
}

void PostgresStrands::fail(std::string why) {
  if (!failure_) failure_ = std::move(why);
}

PostgresStrands::Set* PostgresStrands::find_set(const Sql& sql, const std::vector<TypeId>& types) {
  auto& known = sets_[sql.text.data()];
  if (!known) {
    known = std::make_unique<Set>();
    known->statement = to_set(sql.text, types);
    if (known->statement) known->sql.text = known->statement->text;
  }
  return known->statement ? known.get() : nullptr;
}

void PostgresStrands::send_same(std::span<Asked* const> same) {
  const auto& types = session_->types_of(same.front()->sql);
  Set* const set = same.size() > 1 && types ? find_set(same.front()->sql, *types) : nullptr;
  if (set == nullptr) {
    for (Asked* asked : same) send_alone(*asked);
    return;
  }
  std::vector<Asked*> left(same.begin(), same.end()), now, later;
  while (!left.empty()) {
    std::set<std::int64_t> merchants;
    for (Asked* asked : left) {
      const auto* merchant = std::get_if<std::int64_t>(asked->values.data());
      const bool fits =
          !set->statement->is_apart() || (merchant != nullptr ? merchants.insert(*merchant).second : now.empty());
      (fits ? now : later).push_back(asked);
    }
    if (now.size() < 2 || !send_set(*set, now, *types)) {
      for (Asked* asked : now) send_alone(*asked);
    }
    left = std::exchange(later, {});
    now.clear();
  }
}

void PostgresStrands::send_alone(Asked& asked) {
  session_->send(asked.sql, asked.values, [&asked](OwnedResult result) {
    const std::int64_t changes = changes_in(result.get());
    std::vector<int> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
    asked.strand->take(asked, changes, std::shared_ptr<pg_result>(result.release(), ClearResult()), std::move(rows));
  });
}

namespace {

// The rows of a result by the number of their set, which is in the last column, from 1.
std::vector<std::vector<int>> rows_by_number(const pg_result* result, std::size_t sets) {
  std::vector<std::vector<int>> rows(sets);
  PostgresRow row(result);
  const int last = PQnfields(result) - 1;
  for (int i = 0; i < PQntuples(result); ++i) {
    row.set_row(i);
    rows.at(static_cast<std::size_t>(row.integer(last) - 1)).push_back(i);
  }
  return rows;
}

}  // namespace

bool PostgresStrands::send_set(Set& set, std::span<Asked* const> asked, const std::vector<TypeId>& types) {
  std::vector<std::span<const Value>> rows;
  for (const Asked* one : asked) rows.emplace_back(one->values);
  std::vector<std::string> arrays;
  std::vector<Value> values;
  arrays.reserve(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    auto array = to_array(types[i], rows, i);
    if (!array) return false;
    values.emplace_back(Bytes{arrays.emplace_back(*std::move(array))});
  }
  session_->send(set.sql, values, [this, &set, all = std::vector<Asked*>(asked.begin(), asked.end())](OwnedResult own) {
    const std::shared_ptr<pg_result> result(own.release(), ClearResult());
    const SetKind kind = set.statement->kind;
    if (kind == SetKind::select || kind == SetKind::update) {
      auto rows_of = rows_by_number(result.get(), all.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto changes = static_cast<std::int64_t>(rows_of[i].size());
        all[i]->strand->take(*all[i], changes, result, std::move(rows_of[i]));
      }
      return;
    }
    // Each has inserted or changed a row, or none has: then it is known of each.
    const std::int64_t changes = changes_in(result.get());
    const bool all_changed = changes == static_cast<std::int64_t>(all.size());
    if (!all_changed && changes != 0) {
      const bool somebody_looks = std::ranges::any_of(all, [](const Asked* one) { return !one->strand->done(); });
      if (somebody_looks) fail("not all of a set were inserted");
      return;
    }
    PostgresRow row(result.get());
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<int> rows;
      if (all_changed && set.statement->gives_rows) {
        row.set_row(static_cast<int>(i));
        EPAY_CHECK(row.integer(PQnfields(result.get()) - 1) == std::get<std::int64_t>(all[i]->values[0]));
        rows.push_back(static_cast<int>(i));
      }
      all[i]->strand->take(*all[i], all_changed ? 1 : 0, result, std::move(rows));
    }
  });
  return true;
}

}  // namespace epay::db
