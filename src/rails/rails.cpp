#include "rails/rails.h"

#include <algorithm>

#include "base/check.h"

namespace epay::rails {
namespace {

bool was_answered(const Reply& reply) {
  return !std::holds_alternative<NotSent>(reply) && !std::holds_alternative<Unknown>(reply);
}

}  // namespace

bool Route::fits(const Need& need) const {
  return (!merchant || *merchant == need.merchant) && (!mode || *mode == need.mode) && (!kind || *kind == need.kind) &&
         (!channel || *channel == need.channel) && (!currency || *currency == need.currency) &&
         (network.empty() || network == need.network);
}

void Rails::add(std::unique_ptr<Rail> rail) {
  auto line = std::make_unique<Line>();
  line->queries = std::make_unique<Pace>(clock_, rail->capabilities().queries_per_second_max);
  line->rail = std::move(rail);
  lines_.push_back(std::move(line));
}

std::vector<const Rails::Line*> Rails::candidates(const Need& need) const {
  std::vector<const Line*> found;
  const auto take = [&](const Line& line) {
    if (line.rail->serves(need)) found.push_back(&line);
  };
  const auto route = std::ranges::find_if(routes_, [&](const Route& one) { return one.fits(need); });
  if (route == routes_.end()) {
    for (const auto& line : lines_) take(*line);
    return found;
  }
  for (const std::string& name : route->rails) {
    for (const auto& line : lines_) {
      if (line->rail->name() == name) take(*line);
    }
  }
  return found;
}

Result<Rail*> Rails::route(const Need& need) {
  const auto lines = candidates(need);
  for (const Line* line : lines) {
    if (line_of(*line->rail).health[std::string(need.network)].take(clock_.ticks())) return line->rail.get();
  }
  if (!lines.empty())
    return fail(ErrorCode::unavailable, "The payment network does not answer just now; nothing was charged, try again");
  return fail(ErrorCode::unsupported, "No payment rail that is switched on serves " +
                                          std::string(need.currency.code()) + " with this payment method");
}

bool Rails::serves(const Need& need) const { return !candidates(need).empty(); }

std::optional<Rails::Condition> Rails::condition(const Need& need) const {
  std::optional<Condition> best;
  const Ticks now = clock_.ticks();
  for (const Line* line : candidates(need)) {
    const auto health = line->health.find(need.network);
    const Condition one = health == line->health.end()
                              ? Condition()
                              : Condition{health->second.standing(now), health->second.figures(now)};
    if (!best || one.standing < best->standing) best = one;
  }
  return best;
}

Rail* Rails::find(RailId id, Mode mode) const {
  for (const auto& line : lines_) {
    if (line->rail->id() == id && line->rail->serves_mode(mode)) return line->rail.get();
  }
  return nullptr;
}

std::vector<Rail*> Rails::named(std::string_view name) const {
  std::vector<Rail*> found;
  for (const auto& line : lines_) {
    if (line->rail->name() == name) found.push_back(line->rail.get());
  }
  return found;
}

Rails::Line& Rails::line_of(const Rail& rail) {
  for (const auto& line : lines_) {
    if (line->rail.get() == &rail) return *line;
  }
  EPAY_CHECK(false);
  __builtin_unreachable();
}

void Rails::note_reply(const Rail& rail, std::string_view network, const Reply& reply, microseconds took) {
  Health& health = line_of(rail).health[std::string(network)];
  const Ticks now = clock_.ticks();
  health.note_exchange(was_answered(reply) ? Health::Heard::answered : Health::Heard::unanswered, took, now);
  if (std::holds_alternative<Succeeded>(reply)) health.note_end(true, now);
  if (std::holds_alternative<Failed>(reply)) health.note_end(false, now);
}

Task<void> Rails::wait_turn(const Rail& rail) { return line_of(rail).queries->turn(); }

std::vector<Rails::Report> Rails::reports() const {
  std::vector<Report> all;
  const Ticks now = clock_.ticks();
  for (const auto& line : lines_) {
    if (line->health.empty()) all.push_back({.rail = line->rail.get()});
    for (const auto& [network, health] : line->health)
      all.push_back({line->rail.get(), network, health.standing(now), health.figures(now)});
  }
  return all;
}

}  // namespace epay::rails
