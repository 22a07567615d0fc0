// Refusals of the simulated terminal's page, in the two languages (docs/formats/terminal-page.md).
#pragma once

#include "transport/http/message.hpp"

namespace tally::firmware::page_text {

using transport::http::ErrorText;

inline constexpr ErrorText kMalformed{"malformed",
                                      "请求的内容不正确。",
                                      "The request is not right.",
                                      "请检查内容后重试。",
                                      "Check it and try again."};
inline constexpr ErrorText kContentType{"content_type",
                                        "只能接收文字或 PNG 图片。",
                                        "Only text or a PNG picture can be taken.",
                                        "请换成 PNG 图片。",
                                        "Use a PNG picture."};
inline constexpr ErrorText kNotAPicture{"not_a_picture",
                                        "这个文件不是 PNG 图片，或已损坏。",
                                        "This file is no PNG picture, or it is damaged.",
                                        "请换一张图片。",
                                        "Use another picture."};
inline constexpr ErrorText kTooLarge{"too_large",
                                     "图片或文字太大。",
                                     "The picture or text is too large.",
                                     "请缩小后再试（最大 400 万像素）。",
                                     "Make it smaller (at most 4 megapixels)."};
inline constexpr ErrorText kNoCode{"no_code",
                                   "图片中没有找到二维码。",
                                   "There is no code to be read in this picture.",
                                   "请换一张更清晰的图片。",
                                   "Use a sharper picture."};
inline constexpr ErrorText kUnplugged{"unplugged",
                                      "扫描枪没有连接，没有读取。",
                                      "The scanner is unplugged: nothing was read.",
                                      "请先插上扫描枪。",
                                      "Plug the scanner in first."};
inline constexpr ErrorText kBusy{"busy",
                                 "设备来不及处理。",
                                 "The device cannot keep up.",
                                 "请稍等再试。",
                                 "Wait a moment and try again."};
inline constexpr ErrorText kNoPaper{"not_found",
                                    "还没有打印小票。",
                                    "Nothing has been printed yet.",
                                    "完成一笔交易后再看。",
                                    "Look again after a sale."};

}  // namespace tally::firmware::page_text
