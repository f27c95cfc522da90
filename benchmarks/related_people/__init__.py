"""People who share what one person has alone: families, firms, namesakes of two generations, twins, couples."""
