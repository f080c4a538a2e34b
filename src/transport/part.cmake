find_package(Boost 1.81 REQUIRED)
find_package(wslay CONFIG REQUIRED)
target_link_libraries(ndcast_transport PRIVATE Boost::headers OpenSSL::SSL OpenSSL::Crypto wslay)
# Header-only Asio and Beast; no deprecated interfaces, and no coroutine support to compile.
target_compile_definitions(ndcast_transport PRIVATE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(NDCAST_SANITIZE MATCHES "undefined")
  # Beast's templates under UBSan take gigabytes and minutes to compile; our own code around it keeps its checks.
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/transport/beast_server.cc PROPERTIES COMPILE_OPTIONS
                              "-fno-sanitize=undefined")
endif()
