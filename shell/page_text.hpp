// The refusals that all pages share, in the two languages (docs/formats/api.md, "Errors"). A
// program adds its own beside its handlers.
#pragma once

#include "transport/http/message.hpp"

namespace tally::shell::page_text {

using transport::http::ErrorText;

inline constexpr ErrorText kBadRequest{"bad_request",
                                       "请求的内容不正确。",
                                       "The request is not right.",
                                       "请检查填写的内容后重试。",
                                       "Check what you entered and try again."};
inline constexpr ErrorText kSignedOut{"signed_out",
                                      "您还没有登录，或登录已结束。",
                                      "You are not signed in, or your session has ended.",
                                      "请重新登录。",
                                      "Sign in again."};
inline constexpr ErrorText kTokenUnknown{"token_unknown",
                                         "这个一次性链接无效。",
                                         "This one-time link is not valid.",
                                         "请使用程序最近一次给出的链接。",
                                         "Use the link that the program printed last."};
inline constexpr ErrorText kTokenUsed{"token_used",
                                      "这个一次性链接已经用过。",
                                      "This one-time link has been used.",
                                      "请让程序给出新的链接（--new-link）。",
                                      "Have the program print a new one (--new-link)."};
inline constexpr ErrorText kTokenExpired{"token_expired",
                                         "这个一次性链接已过期。",
                                         "This one-time link has expired.",
                                         "请让程序给出新的链接（--new-link）。",
                                         "Have the program print a new one (--new-link)."};
inline constexpr ErrorText kWrongPassword{"wrong_password",
                                          "名字或密码不正确。",
                                          "The name or the password is wrong.",
                                          "请重新输入。",
                                          "Enter them again."};
inline constexpr ErrorText kCsrf{"csrf",
                                 "这个请求不是本页面发出的。",
                                 "This request did not come from this page.",
                                 "请刷新页面后重试。",
                                 "Reload the page and try again."};
inline constexpr ErrorText kNotAllowed{"not_allowed",
                                       "您没有这样做的权限。",
                                       "You may not do this.",
                                       "请联系店长或管理员。",
                                       "Ask the manager."};
inline constexpr ErrorText kTooManyAttempts{"too_many_attempts",
                                            "尝试次数过多。",
                                            "Too many attempts.",
                                            "请过一分钟再试。",
                                            "Wait a minute and try again."};
inline constexpr ErrorText kBusy{"busy",
                                 "服务器正忙，没有任何更改。",
                                 "The server is busy; nothing was changed.",
                                 "请稍等片刻再试。",
                                 "Wait a moment and try again."};
inline constexpr ErrorText kStorageFailed{"storage_failed",
                                          "无法写入磁盘，没有任何更改。",
                                          "The disk refused; nothing was changed.",
                                          "请联系技术人员检查磁盘。",
                                          "Call a technician to check the disk."};

}  // namespace tally::shell::page_text
