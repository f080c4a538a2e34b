if(NDCAST_TESTS)
  find_package(rapidcheck CONFIG REQUIRED)
  set(NDCAST_reduce_TEST_LIBRARIES rapidcheck_gtest rapidcheck)
endif()
