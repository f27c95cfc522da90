from tests.crash.main import main

main()
