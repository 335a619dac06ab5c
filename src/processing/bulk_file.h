// A file of payouts as people make it: comma-separated, with a line of column names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/currency.h"
#include "base/result.h"
#include "payments/bulk_payout.h"
#include "rails/banks.h"

namespace epay::processing {

// Columns, in any order: amount; mobile_wallet_number and mobile_wallet_network, or bank_code and account_number;
// description; and, where wanted, reference, name. What is wrong with a line stands in its `problem`. Error: invalid
// (the file is none, lacks a column, has one that is not known, has no line or more than bulk_lines_max).
Result<std::vector<payments::BulkLine>> read_bulk_file(std::string_view csv, const Currency& currency,
                                                       const rails::Banks& banks);

}  // namespace epay::processing
