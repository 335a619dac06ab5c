#include "payments/page_field.h"

#include <gtest/gtest.h>

namespace epay::payments {
namespace {

std::string codes_of(const std::vector<FieldError>& wrong) {
  std::string codes;
  for (const FieldError& error : wrong) codes += (codes.empty() ? "" : " ") + error.field + ":" + error.code;
  return codes;
}

TEST(PageField, EverythingWrongIsFoundAtOnce) {
  struct Row {
    std::vector<PageField> fields;
    const char* wrong;
  };
  const std::string long_label(field_label_max + 1, 'x');
  for (const auto& [fields, wrong] : {
           Row{{}, ""},
           Row{{{"Seat", FieldKind::text}, {"Size", FieldKind::choice, true, {"S", "M"}}}, ""},
           Row{{{"  ", FieldKind::text}}, "fields[0]:required"},
           Row{{{long_label, FieldKind::number}, {"a\nb", FieldKind::text}}, "fields[0]:too_long fields[1]:invalid"},
           Row{{{"A", FieldKind::text}, {"A", FieldKind::number}}, "fields[1]:duplicate"},
           Row{{{"A", FieldKind::choice}}, "fields[0].choices:required"},
           Row{{{"A", FieldKind::choice, false, {"x", "x"}}}, "fields[0].choices:duplicate"},
           Row{{{"A", FieldKind::choice, false, {"", "x"}}}, "fields[0].choices:required"},
           Row{std::vector<PageField>(page_fields_max + 1, {"A", FieldKind::text}), nullptr},
       }) {
    const std::string found = codes_of(check_fields(fields));
    if (wrong != nullptr) EXPECT_EQ(found, wrong);
    if (wrong == nullptr) EXPECT_TRUE(found.starts_with("fields:too_many")) << found;
    EXPECT_EQ(parse_fields(to_json(fields)), fields);
  }
}

TEST(PageField, AnswersAreReadOrSayWhatIsWrong) {
  const std::vector<PageField> fields = {{"Name", FieldKind::text, true},
                                         {"Age", FieldKind::number},
                                         {"Size", FieldKind::choice, true, {"S", "M"}},
                                         {"I agree", FieldKind::checkbox, true}};
  using Given = std::map<std::string, std::string, std::less<>>;
  struct Row {
    Given given;
    const char* wrong;
  };
  for (const auto& [given, wrong] : {
           Row{{{"field_0", "Ama"}, {"field_1", "7,5"}, {"field_2", "M"}, {"field_3", "yes"}}, ""},
           Row{{{"field_0", "Ama"}, {"field_2", "S"}, {"field_3", "yes"}}, ""},
           Row{{}, "field_0:required field_2:required field_3:required"},
           Row{{{"field_0", std::string(answer_max + 1, 'x')},
                {"field_1", "7.5.1"},
                {"field_2", "L"},
                {"field_3", "no"}},
               "field_0:too_long field_1:invalid field_2:not_a_choice field_3:invalid"},
           Row{{{"field_0", "a\x01"}, {"field_1", "-"}, {"field_2", "M"}, {"field_3", "yes"}},
               "field_0:invalid field_1:invalid"},
       }) {
    const auto answers = read_answers(fields, given);
    EXPECT_EQ(answers ? "" : codes_of(answers.error().fields), wrong);
  }
  const auto answers = read_answers(fields, Given{{"field_0", "<b>"}, {"field_2", "M"}, {"field_3", "yes"}});
  ASSERT_TRUE(answers);
  const std::vector<Answer> expected = {{"Name", "<b>"}, {"Size", "M"}, {"I agree", "yes"}};
  EXPECT_EQ(*answers, expected);
  EXPECT_EQ(parse_answers(to_json(expected)), expected);
}

}  // namespace
}  // namespace epay::payments
