# cpp-jwt and the OpenSSL interfaces that it still uses; signed_token.cc alone includes it.
find_path(NDCAST_CPP_JWT jwt/algorithm.hpp REQUIRED)
target_link_libraries(ndcast_auth PRIVATE OpenSSL::Crypto)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/auth/signed_token.cc PROPERTIES COMPILE_DEFINITIONS OPENSSL_SUPPRESS_DEPRECATED)
