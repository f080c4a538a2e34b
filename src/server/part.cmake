find_package(CLI11 REQUIRED)
target_link_libraries(ndcast_server PRIVATE CLI11::CLI11)
if(NDCAST_TESTS)
  # The transport's hand-made client, which the test of the original client's ports speaks through.
  add_library(ndcast_raw_client STATIC ${PROJECT_SOURCE_DIR}/src/transport/raw_client_test.cc)
  target_link_libraries(ndcast_raw_client PUBLIC ndcast_transport GTest::gtest)
  set(NDCAST_server_TEST_LIBRARIES ndcast_raw_client)
endif()
