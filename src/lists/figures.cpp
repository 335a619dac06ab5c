#include "lists/figures.h"

#include "lists/figures_store.h"

namespace epay::lists {
namespace {

using payments::DayFigures;

void add(DayFigures& sum, const DayFigures& figures) {
  sum.succeeded += figures.succeeded;
  sum.succeeded_minor += figures.succeeded_minor;
  sum.fees_minor += figures.fees_minor;
  sum.failed += figures.failed;
}

template <class Counts>
DayFigures sum_if(const std::vector<DayRevenue>& days, DayRange range, Counts counts) {
  DayFigures sum;
  for (const DayRevenue& day : days) {
    if (day.day >= range.first && day.day <= range.last && counts(day)) add(sum, day.all);
  }
  return sum;
}

}  // namespace

std::vector<DayRevenue> revenue_by_day(db::Transaction& tx, Scope scope, DayRange range) {
  std::vector<DayRevenue> days;
  tx.query_each(
      store::select_days,
      [&](const db::Row& row) {
        if (row.as<payments::PaymentKind>(7) != payments::PaymentKind::payment) return;
        const std::int64_t day = row.integer(0);
        if (days.empty() || days.back().day != day || days.back().currency != row.text(1)) {
          days.push_back({.day = day, .currency = row.string(1)});
        }
        const DayFigures figures{row.integer(3), row.integer(4), row.integer(5), row.integer(6)};
        add(days.back().all, figures);
        switch (row.as<payments::Method>(2)) {
          case payments::Method::momo: add(days.back().momo, figures); break;
          case payments::Method::card: add(days.back().card, figures); break;
          case payments::Method::bank:
          case payments::Method::undecided: break;
        }
      },
      scope.merchant, scope.mode, range.first, range.last);
  return days;
}

DayFigures sum_of(const std::vector<DayRevenue>& days, const std::string& currency, DayRange range) {
  return sum_if(days, range, [&](const DayRevenue& day) { return day.currency == currency; });
}

DayFigures counts_of(const std::vector<DayRevenue>& days, DayRange range) {
  return sum_if(days, range, [](const DayRevenue&) { return true; });
}

}  // namespace epay::lists
