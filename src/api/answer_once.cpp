// Idempotency-Key, for every POST.
#include <algorithm>

#include "api/api.h"
#include "api/replies.h"

namespace epay::api {

// A keyed request that is being worked on; the same request again waits for its answer.
struct Api::InFlight {
  Sha256 fingerprint;
  std::vector<Signal*> waiting;
  std::optional<http::Response> response;
};

Api::~Api() = default;

std::string answer_context(MerchantId merchant, std::string_view key) {
  return "idempotency:" + std::to_string(merchant.value) + ":" + std::string(key);
}

namespace {

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= payments::idempotency_key_max &&
         std::ranges::all_of(key, [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

Task<Result<std::optional<Reply>>> Api::recall(MerchantId merchant, Claim claim) {
  if (!claim) co_return std::nullopt;
  co_return co_await database_.read([&](db::Transaction& tx) -> Result<std::optional<Reply>> {
    const auto record = payments::find_key(tx, merchant, *claim, clock_.now());
    if (!record) return std::unexpected(record.error());
    if (!*record || !(*record)->answer) return std::nullopt;
    return Reply{*(*record)->answer, true};
  });
}

Task<http::Response> Api::answer_once(http::Request& request, MerchantId merchant, AtRest at_rest, Work work) {
  const std::string* key = request.headers.find("idempotency-key");
  if (key == nullptr) co_return co_await answer(std::nullopt, merchant, at_rest, work);
  if (!is_key(*key)) {
    const std::string message = "Idempotency-Key must be 1 to 255 printable ASCII characters";
    co_return error_response({ErrorCode::invalid, message, {{"Idempotency-Key", "invalid", message}}});
  }
  const Sha256 fingerprint = sha256(request.method + "\n" + request.path + "\n" + request.body);
  const auto slot = std::pair(merchant, *key);
  if (const auto found = in_flight_.find(slot); found != in_flight_.end()) {
    const auto first = found->second;
    if (first->fingerprint != fingerprint) {
      co_return error_response({ErrorCode::conflict, "This Idempotency-Key was used for a different request"});
    }
    Signal answered(clock_);
    first->waiting.push_back(&answered);
    co_await answered.wait();
    http::Response response = *first->response;
    if (response.status < 500) response.headers.add("Idempotent-Replayed", "true");
    co_return response;
  }
  // Here this request holds the key's slot: an unanswered record of this process is of a request that has ended.
  const auto mine = std::make_shared<InFlight>(InFlight{fingerprint, {}, {}});
  in_flight_.emplace(slot, mine);
  http::Response response =
      http::Response::json(500, error_body("api_error", "Something went wrong on our side. Please try again shortly."));
  try {
    response = co_await answer(payments::KeyClaim{*key, fingerprint}, merchant, at_rest, work);
  } catch (const std::exception& error) {
    log_.error("request_failed", {{"request_id", request.id}, {"error", error.what()}});
  }
  in_flight_.erase(slot);
  mine->response = response;
  for (Signal* signal : mine->waiting) signal->notify();
  co_return response;
}

Task<http::Response> Api::answer(Claim claim, MerchantId merchant, AtRest at_rest, const Work& work) {
  auto reply = co_await work(claim);
  if (!reply) co_return error_response(reply.error());
  payments::StoredAnswer& stored = reply->answer;
  if (!claim) co_return http::Response::json(stored.status, std::move(stored.body));

  if (!reply->replayed) {
    payments::StoredAnswer kept = stored;
    if (at_rest == AtRest::sealed) {
      kept.body =
          vault_.seal(Secret(stored.body), answer_context(merchant, claim->key), random_.array<Vault::nonce_bytes>());
    }
    const Timestamp now = clock_.now();
    auto standing =
        co_await database_.write(db::Lane::of(merchant), [&](db::Transaction& tx) -> Result<payments::StoredAnswer> {
          return payments::store_answer(tx, merchant, *claim, kept, now);
        });
    if (!standing) co_return error_response(standing.error());
    stored = *std::move(standing);
  }
  if (at_rest == AtRest::sealed) {
    const auto opened = vault_.open(stored.body, answer_context(merchant, claim->key));
    if (!opened) co_return error_response({ErrorCode::unavailable, "a stored answer does not open"});
    stored.body = opened->reveal();
  }
  auto response = http::Response::json(stored.status, std::move(stored.body));
  if (reply->replayed) response.headers.add("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace epay::api
