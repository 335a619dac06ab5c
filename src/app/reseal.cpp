#include "app/reseal.h"

#include "api/api.h"
#include "app/key_mark.h"
#include "app/sealed_store.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "merchants/second_factor.h"
#include "merchants/telephone_code.h"

namespace epay::app {
namespace {

class Resealer {
 public:
  Resealer(db::Transaction& tx, const Vault& from, const Vault& to, Random& random)
      : tx_(tx), from_(from), to_(to), random_(random) {}

  Result<std::int64_t> run() {
    endpoint_secrets();
    endpoint_extras();
    totp_secrets();
    telephone_codes();
    answers();
    if (closed_ == 0) return count_;
    return fail(ErrorCode::unavailable,
                std::to_string(closed_) +
                    " secrets in the store do not open: the master key is not the one they were "
                    "sealed with. Nothing was changed");
  }

 private:
  // The same secret in a new box; nothing when the new key opens it already.
  std::optional<std::string> anew(const std::string& box, const std::string& context) {
    if (auto secret = from_.open(box, context)) {
      ++count_;
      return to_.seal(*secret, context, random_.array<Vault::nonce_bytes>());
    }
    if (!to_.open(box, context)) ++closed_;
    return std::nullopt;
  }

  void endpoint_secrets() {
    struct Row {
      events::LaneKey key;
      std::int64_t number;
      std::string box;
    };
    const auto rows = tx_.query_all(store::select_endpoint_secrets, [](const db::Row& row) {
      return Row{{row.id<MerchantId>(0), row.id<EndpointId>(1)}, row.integer(2), row.string(3)};
    });
    for (const Row& row : rows) {
      const auto box = anew(row.box, events::secret_context(row.key));
      if (!box) continue;
      tx_.execute(store::update_endpoint_secret, row.key.merchant, row.key.endpoint, row.number, db::Bytes{*box});
    }
  }

  void endpoint_extras() {
    struct Row {
      events::LaneKey key;
      std::string box;
    };
    const auto rows = tx_.query_all(store::select_endpoint_extras, [](const db::Row& row) {
      return Row{{row.id<MerchantId>(0), row.id<EndpointId>(1)}, row.string(2)};
    });
    for (const Row& row : rows) {
      const auto box = anew(row.box, events::extras_context(row.key));
      if (box) tx_.execute(store::update_endpoint_extras, row.key.merchant, row.key.endpoint, db::Bytes{*box});
    }
  }

  void totp_secrets() {
    struct Row {
      merchants::UserKey key;
      std::string box;
    };
    const auto rows = tx_.query_all(store::select_totp_secrets, [](const db::Row& row) {
      return Row{{row.id<MerchantId>(0), row.id<UserId>(1)}, row.string(2)};
    });
    for (const Row& row : rows) {
      const auto box = anew(row.box, merchants::totp_context(row.key));
      if (box) tx_.execute(store::update_totp_secret, row.key.merchant, row.key.user, db::Bytes{*box});
    }
  }

  void telephone_codes() {
    struct Row {
      MerchantId merchant;
      std::string telephone, box;
    };
    const auto rows = tx_.query_all(store::select_telephone_codes, [](const db::Row& row) {
      return Row{row.id<MerchantId>(0), row.string(1), row.string(2)};
    });
    for (const Row& row : rows) {
      const auto box = anew(row.box, merchants::telephone_code_context(row.merchant, row.telephone));
      if (box) tx_.execute(store::update_telephone_code, row.merchant, db::Bytes{*box});
    }
  }

  // There may be many, of which few are sealed.
  void answers() {
    constexpr int read_at_once = 1'000;
    struct Row {
      MerchantId merchant;
      std::string key, body;
    };
    std::vector<Row> rows;
    Row last;
    do {
      rows = tx_.query_all(
          store::select_answers,
          [](const db::Row& row) { return Row{row.id<MerchantId>(0), row.string(1), row.string(2)}; }, last.merchant,
          last.key, read_at_once);
      for (const Row& row : rows) answer(row.merchant, row.key, row.body);
      if (!rows.empty()) last = rows.back();
    } while (static_cast<int>(rows.size()) == read_at_once);
  }

  // One that has no secret in it is JSON.
  void answer(MerchantId merchant, const std::string& key, const std::string& body) {
    const std::string context = api::answer_context(merchant, key);
    const auto secret = from_.open(body, context);
    if (!secret) return;
    ++count_;
    const std::string box = to_.seal(*secret, context, random_.array<Vault::nonce_bytes>());
    tx_.execute(store::update_answer, merchant, key, db::Bytes{box});
  }

  db::Transaction& tx_;
  const Vault& from_;
  const Vault& to_;
  Random& random_;
  std::int64_t count_ = 0, closed_ = 0;
};

}  // namespace

Result<std::int64_t> reseal(db::Transaction& tx, const Vault& from, const Vault& to, Random& random,
                            const std::string& key_path) {
  const KeyFit fit = fit_of(tx, from);
  if (fit.marked && fit.opens == false && fit_of(tx, to).opens == false) {
    return std::unexpected(not_the_stores(fit, key_path));
  }
  auto count = Resealer(tx, from, to, random).run();
  if (count) mark_key(tx, to, random, place_of(key_path));
  return count;
}

}  // namespace epay::app
