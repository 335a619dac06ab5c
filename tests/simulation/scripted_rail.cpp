#include "simulation/scripted_rail.h"

namespace epay::simulation {
namespace {

struct Words {
  std::string operator()(const rails::Pending& p) const {
    switch (p.next) {
      case rails::Pending::Next::wait: return "wait";
      case rails::Pending::Next::redirect: return "redirect " + p.redirect_url.value_or("");
      case rails::Pending::Next::input: return "input";
    }
    return "";
  }
  std::string operator()(const rails::Succeeded& s) const {
    return "succeeded " + s.amount.to_decimal() + " " + std::string(s.amount.currency.code());
  }
  std::string operator()(const rails::Failed& f) const { return "failed " + f.code; }
  std::string operator()(const rails::Reversed& r) const { return "reversed " + r.code; }
  std::string operator()(const rails::NotFound&) const { return "not found"; }
  std::string operator()(const rails::NotSent&) const { return "not sent"; }
  std::string operator()(const rails::Unknown&) const { return "unknown"; }
};

}  // namespace

std::string in_words(const rails::Reply& reply) { return std::visit(Words{}, reply); }

}  // namespace epay::simulation
