find_package(CLI11 REQUIRED)
target_link_libraries(ndcast_server PRIVATE CLI11::CLI11)
