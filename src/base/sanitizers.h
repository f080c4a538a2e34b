#pragma once
// Whether this build runs under AddressSanitizer or ThreadSanitizer, where memory and time are not what they are
// otherwise. gcc has macros for it, clang a question.

namespace ndcast {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__clang__)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace ndcast
