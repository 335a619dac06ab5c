// A payment page's settings as a form: what was typed, what it means, what is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "http/form.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/payment_page.h"

namespace epay::pages {

// Rows for fields of the merchant's own that are offered empty, beside those that are filled.
inline constexpr std::size_t empty_field_rows = 2;

struct ReadPage {
  payments::PageSettings settings;
  std::vector<FieldError> wrong;  // with codes for texts; of payments::check_page() too
};

// The logo is not the form's: it stays as `logo` says.
ReadPage read_page(const http::Form& form, std::optional<ImageId> logo);
http::Form form_of(const payments::PageSettings& settings);
View page_form_view(const http::Form& form, const std::vector<FieldError>& wrong, const Texts& texts);

}  // namespace epay::pages
