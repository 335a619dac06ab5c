// The wire's shapes (WIRE §1, §3): errors, customers, transactions, pages of lists.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "base/result.h"
#include "http/message.h"
#include "payments/wire.h"

namespace epay::api {

http::Response error_response(const Error& error);
// {"success": false, "error_type": …, "message": …} with what else follows.
std::string error_body(std::string_view error_type, std::string_view message,
                       const std::vector<FieldError>& fields = {});

using payments::WithCustomer;
using payments::write_customer;
using payments::write_transaction;

// The frame around a list: `rows` is the JSON array of the page's rows.
struct ListPage {
  std::string path;  // "https://…/api/v1/customers"
  std::int64_t number = 1;
  std::int64_t rows = 0;
  std::int64_t total = 0;
};
void write_list_page(JsonWriter& json, const ListPage& page, const std::string& rows_json);

// ?page=N, from 1. Error: invalid.
Result<std::int64_t> page_number(const http::Request& request);

}  // namespace epay::api
