// Receives Epay's webhooks, believes only what Epay signed, and acts once on each. A CGI program: the body comes on
// standard input, the headers in the environment; every web server can run it.
//   c++ -std=c++17 -O2 receiver.cpp -lsodium -lboost_json -o receiver.cgi
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

using Seconds = std::chrono::seconds;

constexpr Seconds tolerance{300};
constexpr std::size_t body_bytes_max = 65'536;

struct Headers {
  std::string id, timestamp, signatures;
};

std::string hmac_base64(const std::vector<unsigned char>& key, const std::string& message) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  std::array<char, sodium_base64_ENCODED_LEN(mac.size(), sodium_base64_VARIANT_ORIGINAL)> text;
  return sodium_bin2base64(text.data(), text.size(), mac.data(), mac.size(), sodium_base64_VARIANT_ORIGINAL);
}

// Whether Epay signed this body with this key, no more than five minutes ago.
bool is_authentic(const std::vector<unsigned char>& key, const Headers& headers, const std::string& body, Seconds now) {
  long long sent_at = 0;
  const char* end = headers.timestamp.data() + headers.timestamp.size();
  const auto parsed = std::from_chars(headers.timestamp.data(), end, sent_at);
  if (headers.id.empty() || parsed.ec != std::errc{} || parsed.ptr != end || sent_at < 0) return false;
  if (now - Seconds{sent_at} > tolerance || Seconds{sent_at} - now > tolerance) return false;

  const std::string expected = "v1," + hmac_base64(key, headers.id + "." + headers.timestamp + "." + body);
  std::istringstream signatures(headers.signatures);
  for (std::string given; signatures >> given;) {
    if (given.size() == expected.size() && sodium_memcmp(given.data(), expected.data(), given.size()) == 0) return true;
  }
  return false;
}

std::vector<unsigned char> key_of(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (secret.substr(0, prefix.size()) == prefix) secret.remove_prefix(prefix.size());
  std::vector<unsigned char> key(secret.size());
  std::size_t size = 0;
  if (sodium_base642bin(key.data(), key.size(), secret.data(), secret.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size == 0) {
    throw std::runtime_error("EPAY_WEBHOOK_SECRET is not set to a whsec_… secret");
  }
  key.resize(size);
  return key;
}

// Whether this id, which is known to be Epay's, is new. In your application: an INSERT under a unique key, in the
// transaction of its effect.
bool first_time(const std::string& id) {
  return std::filesystem::create_directory(std::filesystem::temp_directory_path() / ("epay-" + id));
}

void act_on(const std::string& id, const std::string& body) {
  const boost::json::value event = boost::json::parse(body);
  const boost::json::value* transaction = event.as_object().if_contains("transaction");
  if (!transaction) return;  // not a payment: an event type that this receiver does not know
  std::cerr << "ok " << id << ' ' << transaction->at("reference").as_string().c_str() << ' '
            << transaction->at("status").as_string().c_str() << '\n';
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string read_body() {
  std::size_t length = 0;
  const std::string text = variable("CONTENT_LENGTH");
  std::from_chars(text.data(), text.data() + text.size(), length);
  std::string body(std::min(length, body_bytes_max), '\0');
  std::cin.read(body.data(), static_cast<std::streamsize>(body.size()));
  body.resize(static_cast<std::size_t>(std::cin.gcount()));
  return body;  // a longer one is cut here, and then its signature does not match
}

std::string answer() {
  if (variable("REQUEST_METHOD") != "POST") return "405 Method Not Allowed\r\nAllow: POST";
  const std::vector<unsigned char> key = key_of(variable("EPAY_WEBHOOK_SECRET"));
  const Headers headers{variable("HTTP_WEBHOOK_ID"), variable("HTTP_WEBHOOK_TIMESTAMP"),
                        variable("HTTP_WEBHOOK_SIGNATURE")};
  const std::string body = read_body();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  if (!is_authentic(key, headers, body, std::chrono::duration_cast<Seconds>(now))) return "400 Bad Request";
  if (first_time(headers.id)) act_on(headers.id, body);
  return "204 No Content";
}

int main() try {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  const std::string status = answer();
  std::cout << "Status: " << status << "\r\n\r\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  std::cout << "Status: 500 Internal Server Error\r\n\r\n";
}
