# Serves no HTTP of its own: the core alone.
find_package(prometheus-cpp REQUIRED COMPONENTS core)
target_link_libraries(ndcast_room PRIVATE prometheus-cpp::core)
