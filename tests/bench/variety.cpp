#include "bench/variety.h"

#include <cstdio>
#include <random>

#include "base/check.h"
#include "bench/charges.h"
#include "events/delivery.h"
#include "rails/rail.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

constexpr const char* first_names[] = {
    "Ama",   "Kofi",    "Abena", "Kwame",  "Akosua",    "Yaw",      "Esi",   "Kojo",   "Adwoa",  "Kwaku", "Afua",
    "Fiifi", "Efua",    "Nana",  "Araba",  "Ebo",       "Chidi",    "Ngozi", "Aïssa",  "Moussa", "Zoë",   "Émile",
    "Fatou", "Ibrahim", "Grace", "Samuel", "Priscilla", "Emmanuel", "Joyce", "Daniel", "Mavis",  "Isaac"};
constexpr const char* last_names[] = {
    "Mensah", "Owusu",   "Boateng", "Asante", "Osei",   "Appiah",   "Amoah",   "Darko",  "Ansah",  "Quaye", "Tetteh",
    "Addo",   "Agyeman", "Sarpong", "Ofori",  "Baidoo", "Okafor",   "Adeyemi", "Diallo", "Traoré", "Koné",  "N'Guessan",
    "Lartey", "Nkrumah", "Acquah",  "Gyasi",  "Antwi",  "Frimpong", "Badu",    "Bonsu",  "Donkor", "Yeboah"};
constexpr const char* things[] = {"Two tickets",
                                  "School fees, term 2",
                                  "Rent",
                                  "Shea butter, 500 g",
                                  "Order",
                                  "Donation",
                                  "Monthly dues",
                                  "Kente cloth, 6 yards",
                                  "Invoice",
                                  "Delivery in Accra",
                                  "Hair appointment",
                                  "Bag of rice, 25 kg"};
constexpr const char* networks[] = {"mtn", "vodafone", "airteltigo"};
constexpr const char* prefixes[] = {"024", "020", "027"};
constexpr microseconds year = hours(24 * 365);
constexpr std::int64_t at_once = 2'000;  // in one commit

std::string digits(std::int64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// Few people pay often, and about a third are here for the first time.
std::int64_t payer(std::mt19937_64& chance, std::int64_t n) {
  if (chance() % 10 < 3) return n;
  const auto known = std::uint64_t(n) + 1;
  return std::int64_t(chance() % 2 == 0 ? chance() % std::min<std::uint64_t>(known, 2'000) : chance() % known);
}

struct Filling {
  db::Database& database;
  const std::vector<MerchantId>& merchants;
  std::int64_t count;
  Timestamp end;
};

void store_one(db::Transaction& tx, const Filling& filling, std::int64_t n) {
  const Scope scope{filling.merchants[std::size_t(n) % filling.merchants.size()], Mode::test};
  const VariedPayment varied = varied_payment(scope, n, filling.count, filling.end);
  const auto opened = payments::open_payment(tx, varied.wanted);
  EPAY_CHECK(opened.has_value());
  if (!varied.decided) return;
  const Timestamp now = varied.wanted.now + seconds(3 + n % 40);
  const auto key = std::get<payments::Opened>(*opened).attempt->key;
  const auto applied = payments::apply_outcome(tx, key, varied.outcome, now, 0);
  EPAY_CHECK(applied.has_value());
  for (const events::Delivery& delivery : applied->recorded.deliveries) {
    const events::DeliveryAttempt tried{
        .lane = delivery.lane, .event = delivery.event, .started_at = now, .status = 200, .answer = "ok"};
    events::record_attempt(tx, tried, {.status = events::DeliveryStatus::delivered}, {}, now);
  }
}

Task<void> store_all(const Filling& filling, runtime::Reactor& reactor) {
  for (std::int64_t n = 0; n < filling.count; n += at_once) {
    const auto done = co_await filling.database.write([&](db::Transaction& tx) -> Result<> {
      for (std::int64_t i = n; i < std::min(n + at_once, filling.count); ++i) store_one(tx, filling, i);
      return {};
    });
    EPAY_CHECK(done.has_value());
    if (n % 100'000 == 0) {
      std::printf("  stored %lld of %lld\n", static_cast<long long>(n), static_cast<long long>(filling.count));
      std::fflush(stdout);
    }
  }
  reactor.stop();
}

}  // namespace

payments::NewCustomer person(std::int64_t number) {
  std::mt19937_64 chance(std::uint64_t(number) + 17);
  const std::string first = first_names[chance() % std::size(first_names)];
  const std::string last = last_names[chance() % std::size(last_names)];
  std::string local;
  for (const char c : first + "." + last) {
    if (static_cast<unsigned char>(c) < 0x80 && c != '\'') local += char(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return {first + " " + last, local + std::to_string(number) + "@example.com",
          prefixes[chance() % 3] + digits(1'000'000 + number % 9'000'000, 7)};
}

VariedPayment varied_payment(Scope scope, std::int64_t n, std::int64_t count, Timestamp end) {
  std::mt19937_64 chance(std::uint64_t(n) * 2 + 1);
  const bool card = chance() % 8 == 0;
  const auto customer = person(payer(chance, n));
  const std::size_t network = chance() % 3;
  VariedPayment varied;
  varied.wanted = {
      .scope = scope,
      .reference = chance() % 3 == 0
                       ? "EP-" + digits(std::int64_t(chance() % 100'000'000'000), 11) + "x" + std::to_string(n)
                       : "order-" + std::to_string(n),
      .customer = customer,
      .method = card ? payments::Method::card : payments::Method::momo,
      .amount = Money{100 + std::int64_t(chance() % 50'000), Currency::ghs()},
      .description = std::string(things[chance() % std::size(things)]) + " " + std::to_string(chance() % 100'000),
      .rail = std::int64_t(rails::RailId::simulator),
      .now = end - year + year / count * (n + 1)};
  if (!card) {
    // Most pay from the telephone that they name.
    varied.wanted.wallet_number =
        chance() % 5 != 0 ? customer.telephone : prefixes[network] + digits(std::int64_t(chance() % 10'000'000), 7);
    varied.wanted.wallet_network = networks[network];
  }
  const auto dice = chance() % 1'000;
  varied.decided = dice >= 4;
  const bool failed = dice < 80;
  varied.outcome = {.kind = failed ? payments::Outcome::Kind::failed : payments::Outcome::Kind::succeeded,
                    .rail_id = "SIM" + std::to_string(n),
                    .amount = varied.wanted.amount,
                    .failure = failed ? std::optional<std::string>("payer_rejected") : std::nullopt};
  return varied;
}

void store_varied(const Store& store, const std::vector<MerchantId>& merchants, std::int64_t count, Timestamp end) {
  runtime::Reactor reactor;
  Log log(LogLevel::error, [&] { return reactor.clock().now(); }, print_log_line);
  const auto database = open_store(reactor.clock(), log, store);
  TaskGroup tasks(reactor.clock(), log, "variety");
  const Filling filling{*database, merchants, count, end};
  tasks.spawn(store_all(filling, reactor));
  reactor.run();
}

}  // namespace epay::bench
