#include "http/form.h"

#include <gtest/gtest.h>

namespace epay::http {
namespace {

Request request_of(const std::string& type, std::string body) {
  Request request;
  if (!type.empty()) request.headers.add("Content-Type", type);
  request.body = std::move(body);
  return request;
}

const std::string multipart = "multipart/form-data; boundary=B";

std::string part(const std::string& parameters, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + content + "\r\n";
}

TEST(Form, IsTheSameInEitherEncoding) {
  const Request requests[] = {
      request_of("application/x-www-form-urlencoded",
                 "name=Ama+%26+Kofi&amount=5.00&empty=&colour=r&colour=g&text=a%0D%0Ab"),
      request_of("Application/X-WWW-Form-URLencoded ; charset=utf-8",
                 "name=Ama%20%26%20Kofi&amount=5%2E00&empty&colour=r&colour=g&text=a%0D%0Ab"),
      request_of(multipart, part("name=name", "Ama & Kofi") + part("name=amount", "5.00") + part("name=empty", "") +
                                part("name=colour", "r") + part("name=colour", "g") + part("name=text", "a\r\nb") +
                                "--B--"),
  };
  for (const Request& request : requests) {
    const auto form = read_form(request);
    ASSERT_TRUE(form.has_value()) << form.error().message;
    EXPECT_EQ(form->fields, (std::vector<std::pair<std::string, std::string>>{{"name", "Ama & Kofi"},
                                                                              {"amount", "5.00"},
                                                                              {"empty", ""},
                                                                              {"colour", "r"},
                                                                              {"colour", "g"},
                                                                              {"text", "a\r\nb"}}));
    EXPECT_EQ(form->get("name"), "Ama & Kofi");
    EXPECT_EQ(form->get("colour"), "r");
    EXPECT_EQ(form->get("absent"), "");
    ASSERT_NE(form->find("empty"), nullptr);
    EXPECT_EQ(form->find("absent"), nullptr);
    EXPECT_TRUE(form->files.empty());
  }
}

TEST(Form, HasFiles) {
  const auto form = read_form(request_of(
      multipart, part("name=logo; filename=\"l.png\"\r\nContent-Type: image/png", std::string("\x89PNG\0", 5)) +
                     part("name=unchosen; filename=\"\"\r\nContent-Type: application/octet-stream", "") +
                     part("name=nameless; filename=\"\"", "x") + part("name=title", "A logo") + "--B--"));
  ASSERT_TRUE(form.has_value()) << form.error().message;
  ASSERT_EQ(form->files.size(), 2u);
  const FormFile* logo = form->find_file("logo");
  ASSERT_NE(logo, nullptr);
  EXPECT_EQ(logo->filename, "l.png");
  EXPECT_EQ(logo->content_type, "image/png");
  EXPECT_EQ(logo->bytes, std::string("\x89PNG\0", 5));
  EXPECT_NE(form->find_file("nameless"), nullptr);
  EXPECT_EQ(form->find_file("unchosen"), nullptr);
  EXPECT_EQ(form->find_file("title"), nullptr);
  EXPECT_EQ(form->find("logo"), nullptr);
  EXPECT_EQ(form->get("title"), "A logo");
}

TEST(Form, AnEmptyBodyHasNoFields) {
  const auto form = read_form(request_of("", ""));
  ASSERT_TRUE(form.has_value());
  EXPECT_TRUE(form->fields.empty());
}

TEST(Form, RefusesTheRest) {
  std::string many;
  for (std::size_t i = 0; i <= form_fields_max; ++i) many += "a=1&";
  std::string parts;
  for (int i = 0; i < 5'000; ++i) parts += part("name=a", "1");
  const struct {
    Request request;
    ErrorCode code;
  } rows[] = {
      {request_of("", "a=1"), ErrorCode::unsupported_media},
      {request_of("application/json", "{}"), ErrorCode::unsupported_media},
      {request_of("text/plain", "a=1"), ErrorCode::unsupported_media},
      {request_of("application/x-www-form-urlencoded", "a=%"), ErrorCode::invalid},
      {request_of("application/x-www-form-urlencoded", "a=%FF"), ErrorCode::invalid},
      {request_of("application/x-www-form-urlencoded", "\xFF=1"), ErrorCode::invalid},
      {request_of("application/x-www-form-urlencoded", many), ErrorCode::invalid},
      {request_of("multipart/form-data", "--B--"), ErrorCode::invalid},
      {request_of(multipart, "a=1"), ErrorCode::invalid},
      {request_of(multipart, part("name=a", "\xFF") + "--B--"), ErrorCode::invalid},
      {request_of(multipart, parts + "--B--"), ErrorCode::too_large},
  };
  for (const auto& row : rows) {
    const auto form = read_form(row.request);
    ASSERT_FALSE(form.has_value()) << row.request.body.substr(0, 100);
    EXPECT_EQ(form.error().code, row.code) << form.error().message;
  }
}

}  // namespace
}  // namespace epay::http
