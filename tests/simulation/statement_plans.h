// Whether statements find their rows by an index: a folder's *_store.h files are read, and the store asked for its plan
// of each statement in them.
#pragma once

#include <list>
#include <set>
#include <string>
#include <vector>

#include "simulation/memory_store.h"

namespace epay::simulation {

struct Statement {
  std::string file, name, text;
};

// The statements of a C++ text: `db::Sql name{"…" "…"}`.
std::vector<Statement> statements_in(const std::string& file, const std::string& text);
// Those of the *_store.h files of a folder of src/. Each declaration was understood, or there is an empty statement of
// that file.
std::vector<Statement> statements_of(const std::string& folder);

class Plans {
 public:
  // The lines of the store's plan, such as "SEARCH events USING PRIMARY KEY (merchant_id=? AND id>?)".
  std::vector<std::string> of(const std::string& text);

 private:
  MemoryStore store_{MemoryStore::Where::sqlite};  // whose plans can be read
  std::list<std::string> texts_;
  std::list<db::Sql> statements_;
};

using Tables = std::set<std::string>;
// The tables, of those in question, that a plan walks through. An alias in the statement stands for its table.
Tables walked_tables(const Statement& statement, const std::vector<std::string>& plan, const Tables& in_question);

}  // namespace epay::simulation
