#include "framework/train/page.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "framework/io/json.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

std::string Ascii(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// `text` as HTML's content.
std::string EscapeHtml(absl::string_view text) {
  const bool utf8 = io::FirstBadUtf8(text) == text.size();
  std::string html;
  for (const char c : text) {
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (absl::ascii_isalnum(c) || (!ascii && utf8)) {
      html.push_back(c);
    } else {
      const bool shown = absl::ascii_isprint(c);
      absl::StrAppend(&html, "&#", shown ? static_cast<int>(c) : 0xFFFD, ";");
    }
  }
  return html;
}

}  // namespace

std::string FillPage(absl::string_view title, absl::string_view json) {
  // What the page's {{name}} stand for; other names are those of sources.
  const std::string head = EscapeHtml(title);
  const std::string data = absl::StrReplaceAll(json, {{"<", "\\u003c"}});
  std::string page;
  // What is filled in is not looked at again, whatever is in it.
  for (absl::string_view rest = PageSource("report.html"); !rest.empty();) {
    const size_t open = rest.find("{{");
    page.append(rest.data(), std::min(open, rest.size()));
    if (open == absl::string_view::npos) break;
    const size_t close = rest.find("}}", open);
    const absl::string_view name = rest.substr(open + 2, close - open - 2);
    const absl::string_view part = name == "title"  ? head
                                   : name == "data" ? data
                                                    : PageSource(name);
    page.append(part.data(), part.size());
    rest.remove_prefix(close + 2);
  }
  return page;
}

std::string JsonString(absl::string_view bytes) {
  return Ascii(std::string(bytes));
}

std::string CleanJson(absl::string_view json) {
  bool too_deep = false;
  const Json parsed = Json::parse(
      json.begin(), json.end(),
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep |= depth > 64;
        return !too_deep;
      },
      /*allow_exceptions=*/false);
  return parsed.is_discarded() || too_deep ? "null" : Ascii(parsed);
}

}  // namespace adjoint::train
