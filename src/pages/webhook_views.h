// Endpoints and deliveries as the templates of Settings, Webhooks show them.
#pragma once

#include <vector>

#include "base/result.h"
#include "events/endpoint.h"
#include "events/health.h"
#include "http/form.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/delivery_details.h"
#include "webhooks/endpoint_settings.h"

namespace epay::pages {

// Those of the visitor's mode, and of both.
bool is_visible(const events::Endpoint& endpoint, Mode mode);
// The {id} of a path. Error: not_found.
Result<EndpointId> endpoint_in(const http::Request& request);

// A whole number above zero.
std::optional<std::int64_t> parse_count(std::string_view text);

View endpoint_view(const events::Endpoint& endpoint, const events::Health& health, const Texts& texts, Timestamp now);
View delivery_view(const payments::ShownDelivery& shown, const Texts& texts);
View details_view(const payments::DeliveryDetails& details, const Texts& texts);

// The form of an endpoint's settings: as it was typed, or as the endpoint is.
http::Form form_of(const events::Endpoint& endpoint);
View settings_view(const http::Form& form, const std::vector<FieldError>& wrong, const Texts& texts);
// What a form asks for. Fields that it does not have stay as they are.
webhooks::EndpointChanges changes_in(const http::Form& form);

}  // namespace epay::pages
