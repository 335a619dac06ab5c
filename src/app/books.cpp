#include "app/books.h"

#include "ledger/verify.h"
#include "payments/verify.h"

namespace epay::app {

std::vector<std::string> wrong_in_books(db::Transaction& tx) {
  auto wrong = ledger::verify(tx);
  for (std::string& sentence : payments::verify(tx)) wrong.push_back(std::move(sentence));
  return wrong;
}

}  // namespace epay::app
