target_link_libraries(ndcast_base PUBLIC fmt::fmt spdlog::spdlog PRIVATE simdjson::simdjson OpenSSL::Crypto)
configure_file(${PROJECT_SOURCE_DIR}/src/base/version.h.in ${PROJECT_BINARY_DIR}/generated/base/version.h @ONLY)
