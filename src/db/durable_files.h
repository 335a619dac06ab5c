// Files that are there, whole, after whatever happens: what stores are copied with. Errors: unavailable, naming the
// file and the system's reason.
#pragma once

#include <string>

#include "base/result.h"

namespace epay::db {

// The bytes of a file in a new one that its owner alone can read, durable but for its name. Removes the new one when it
// fails.
Result<> copy_private_file(const std::string& from, const std::string& to);
// Makes the file `part` durable and its owner's alone, and gives it the name `to`, durably. A file that has the name
// already is an error; `part` is removed then.
Result<> give_private_name(const std::string& part, const std::string& to);
// What happened to the names in the file's folder stays so.
Result<> sync_folder_of(const std::string& path);

}  // namespace epay::db
