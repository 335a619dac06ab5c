// Being alone with a store that several machines may serve, for verbs that change all of it.
#pragma once

#include <vector>

#include "app/verbs.h"
#include "processes/process.h"

namespace epay::app {

// Those of a store's processes that have died without a word: they have not beaten for as long as the others would
// wait. Errors: unavailable, conflict (one that is alive).
Task<Result<std::vector<processes::Process>>> silent_processes(VerbContext& context);

// Takes their places away, in the transaction that does the verb's work. Error: conflict when there is another by now.
Result<> remove_silent(db::Transaction& tx, const std::vector<processes::Process>& silent);

}  // namespace epay::app
